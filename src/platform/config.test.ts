import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VARIABLES, readSettings } from './config.ts';

describe('readSettings', () => {
  it('needs nothing', () => {
    const settings = readSettings({});

    assert.equal(settings.FLYWHEEL_PORT, 8080);
    assert.equal(settings.FLYWHEEL_DATABASE_URL, null);
    assert.match(settings.FLYWHEEL_HOME, /\/\.flywheel$/);
  });

  it('takes an empty variable for one that is not set', () => {
    assert.equal(readSettings({ FLYWHEEL_PORT: '' }).FLYWHEEL_PORT, 8080);
  });

  it('stops at an unknown name and says which one was meant', () => {
    assert.throws(() => readSettings({ FLYWHEEL_PROT: '1' }), {
      code: 'config.unknown',
      message: 'FLYWHEEL_PROT is not a Flywheel setting. Did you mean FLYWHEEL_PORT?',
    });
    assert.throws(
      () => readSettings({ FLYWHEEL_COFFEE_MACHINE: '1' }),
      /See `flywheel config` for all of them/,
    );
  });

  for (const [name, value, wanted] of [
    ['FLYWHEEL_PORT', 'eighty', 'a whole number from 0 to 65535'],
    ['FLYWHEEL_PORT', '70000', 'a whole number from 0 to 65535'],
    ['FLYWHEEL_PORT', '80.5', 'a whole number from 0 to 65535'],
    ['FLYWHEEL_CONTROL_URL', 'localhost:9000', 'an address that starts with http:// or https://'],
    ['FLYWHEEL_LOG_LEVEL', 'loud', 'one of error, warn, info, debug, silent'],
  ] as const) {
    it(`stops at ${name}=${value} and says what to write`, () => {
      assert.throws(() => readSettings({ [name]: value }), {
        code: 'config.invalid',
        message: `${name} should be ${wanted}; it is "${value}".`,
      });
    });
  }

  it('never repeats the value of a secret', () => {
    assert.throws(
      () => readSettings({ FLYWHEEL_DATABASE_URL: 'mysql://root:hunter2@db' }),
      (error: Error) => {
        assert.match(error.message, /should be an address that starts with postgres:/);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  });

  it('leaves the environment of others alone', () => {
    assert.doesNotThrow(() => readSettings({ PATH: '/bin', FLY: 'high', HOME: '/root' }));
  });
});

it('every variable says in a sentence what it is for', () => {
  for (const [name, variable] of Object.entries(VARIABLES)) {
    assert.match(variable.describe, /^[A-Z].*\.$/, name);
  }
});
