import { startTinyEngine } from '../../../test/tiny-engine.ts';
import { testEngineContract } from '../contract.ts';

testEngineContract('llama', () => startTinyEngine());
