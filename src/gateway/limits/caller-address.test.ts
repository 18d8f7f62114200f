import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAddressReader, createOriginReader } from './caller-address.ts';

function read(trusted: readonly string[], remoteAddress: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return createAddressReader(trusted)({ headers, socket: { remoteAddress } });
}

describe('the address of a caller', () => {
  it('is the other end of the connection, whatever a header says', () => {
    assert.equal(read([], '10.1.2.3', '8.8.8.8'), '10.1.2.3');
    assert.equal(read(['10.9.0.0/16'], '10.1.2.3', '8.8.8.8'), '10.1.2.3');
  });

  it('is the last one before the proxies that are trusted, not what strangers wrote before it', () => {
    const trusted = ['10.0.0.0/8', '2001:db8::/32'];
    assert.equal(read(trusted, '10.1.2.3', '8.8.8.8'), '8.8.8.8');
    assert.equal(read(trusted, '10.1.2.3', '1.1.1.1, 8.8.8.8, 10.5.5.5'), '8.8.8.8');
    assert.equal(read(trusted, '2001:db8::9', '1.1.1.1, 2001:4860::8888'), '2001:4860::8888');
  });

  it('is understood as sockets and proxies write it', () => {
    assert.equal(read([], '::ffff:192.168.0.7'), '192.168.0.7');
    assert.equal(read(['127.0.0.1'], '::ffff:127.0.0.1', '9.9.9.9:4711'), '9.9.9.9');
    assert.equal(read(['127.0.0.1'], '127.0.0.1', '[2001:4860::1]:443'), '2001:4860::1');
  });

  it('is what stands there when it is no address, so that no list allows it', () => {
    assert.equal(read(['127.0.0.1'], '127.0.0.1', 'unknown'), 'unknown');
  });
});

describe('the address that a caller typed', () => {
  const headers = {
    host: 'inside:8080',
    'x-forwarded-host': 'evil.example, cloud.example',
    'x-forwarded-proto': 'https',
  };
  const typed = (trusted: readonly string[]) =>
    createOriginReader(trusted)({ headers, socket: { remoteAddress: '127.0.0.1' } });

  it('is what the nearest proxy says, if it is trusted', () => {
    assert.deepEqual(typed(['127.0.0.1']), { scheme: 'https', host: 'cloud.example' });
  });

  it('is what reached us, whatever a stranger says', () => {
    assert.deepEqual(typed(['10.0.0.0/8']), { scheme: 'http', host: 'inside:8080' });
  });
});
