import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlywheelError } from '#platform/error.ts';
import { parseProviderUrl } from './provider-url.ts';

const codeOf = (text: string, allowsPrivate = false): string => {
  try {
    return parseProviderUrl(text, allowsPrivate);
  } catch (error) {
    if (error instanceof FlywheelError) return error.code;
    throw error;
  }
};

describe('the address of a provider', () => {
  it('is kept without the slash at its end', () => {
    assert.equal(codeOf('https://api.openai.com/v1/'), 'https://api.openai.com/v1');
    assert.equal(codeOf('https://api.anthropic.com'), 'https://api.anthropic.com');
    assert.equal(codeOf('HTTPS://API.Example.com:8443/a/'), 'https://api.example.com:8443/a');
  });

  it('is nothing but an address', () => {
    for (const text of [
      '',
      'api.openai.com',
      'ftp://api.openai.com',
      'file:///etc/passwd',
      'https://user:key@api.openai.com',
      'https://api.openai.com/v1?key=1',
      'https://api.openai.com/v1#part',
    ]) {
      assert.equal(codeOf(text), 'provider.url_invalid', text);
    }
  });

  it('leads to the public Internet by https, however the number is written', () => {
    for (const text of [
      'http://api.openai.com/v1',
      'https://localhost/v1',
      'https://localhost./v1',
      'https://control/v1',
      'https://db.internal/v1',
      'https://printer.local',
      'https://127.0.0.1',
      'https://2130706433',
      'https://0x7f.1',
      'https://0177.0.0.1',
      'https://169.254.169.254/latest/meta-data',
      'https://10.0.0.5',
      'https://192.168.1.1',
      'https://[::1]/v1',
      'https://[::ffff:10.0.0.1]',
      'https://[fd00::1]',
      'https://0.0.0.0',
    ]) {
      assert.equal(codeOf(text), 'provider.address_denied', text);
    }
  });

  it("may be one of the operator's own network where the operator allows it", () => {
    assert.equal(codeOf('http://10.0.0.5:8000/v1', true), 'http://10.0.0.5:8000/v1');
    assert.equal(codeOf('ftp://10.0.0.5', true), 'provider.url_invalid');
  });
});
