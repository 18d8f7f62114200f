/**
 * Gateways of others beside ours, as far as they are installed (README.md says how); one that is not is
 * named and left out. Each has one worker process and writes a log where it has one.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MODEL } from './scenario.ts';
import type { Foreign } from './target.ts';

export type Peer = Readonly<{
  name: string;
  /** The file that is there when it is installed. */
  file: string;
  prepare: (engineUrl: string, port: number) => Omit<Foreign, 'name' | 'port'>;
}>;

/** Where the recipe of README.md puts them. */
const FOLDER = process.env['BENCH_PEERS'] ?? join(tmpdir(), 'flywheel-bench-peers');
const KEY = 'sk-bench';

function write(name: string, text: string): string {
  const folder = join(FOLDER, 'run');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const nginx: Peer = {
  name: 'nginx',
  file: '/usr/sbin/nginx',
  prepare: (engineUrl, port) => {
    const folder = join(FOLDER, 'run');
    const config = write(
      'nginx.conf',
      `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/nginx-error.log;
events { worker_connections 10000; }
http {
  access_log ${folder}/nginx-access.log;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  keepalive_requests 1000000;
  upstream engine { server ${new URL(engineUrl).host}; keepalive 512; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://engine; proxy_http_version 1.1; proxy_set_header connection ""; proxy_buffering off;
    }
  }
}
`,
    );
    return { command: '/usr/sbin/nginx', parameters: ['-c', config, '-p', folder] };
  },
};

const caddy: Peer = {
  name: 'Caddy (Go proxy)',
  file: join(FOLDER, 'bin', 'caddy'),
  prepare: (engineUrl, port) => {
    const config = write(
      'Caddyfile',
      `{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  log {
    output file ${join(FOLDER, 'run', 'caddy.log')}
  }
  reverse_proxy ${new URL(engineUrl).host} {
    flush_interval -1
  }
}
`,
    );
    return {
      command: join(FOLDER, 'bin', 'caddy'),
      parameters: ['run', '--config', config, '--adapter', 'caddyfile'],
      environment: { GOMAXPROCS: '1', HOME: join(FOLDER, 'run') },
    };
  },
};

const bifrost: Peer = {
  name: 'Bifrost',
  file: join(FOLDER, 'bin', 'bifrost-http'),
  prepare: (engineUrl, port) => {
    const folder = join(FOLDER, 'run', 'bifrost');
    mkdirSync(folder, { recursive: true });
    write(
      'bifrost/config.json',
      JSON.stringify({
        client: { enable_logging: true, initial_pool_size: 5000 },
        providers: {
          bench: {
            keys: [{ value: 'bench', weight: 1, models: [] }],
            network_config: { base_url: engineUrl },
            custom_provider_config: { base_provider_type: 'openai' },
          },
        },
      }),
    );
    return {
      command: join(FOLDER, 'bin', 'bifrost-http'),
      parameters: ['-app-dir', folder, '-host', '127.0.0.1', '-port', String(port)],
      environment: { GOMAXPROCS: '1' },
    };
  },
};

/** With a Node of its own: its streams fail on newer ones. */
const PORTKEY_NODE = join(FOLDER, 'portkey', 'node_modules', '.bin', 'node');
const PORTKEY = join(FOLDER, 'portkey', 'node_modules', '@portkey-ai', 'gateway');

const portkey: Peer = {
  name: 'Portkey',
  file: join(PORTKEY, 'build', 'start-server.js'),
  prepare: (engineUrl, port) => ({
    command: existsSync(PORTKEY_NODE) ? PORTKEY_NODE : process.execPath,
    parameters: [join(PORTKEY, 'build', 'start-server.js'), `--port=${port}`, '--headless'],
    environment: { TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' },
    headers: {
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${engineUrl}/v1`,
      authorization: `Bearer ${KEY}`,
    },
  }),
};

const litellm: Peer = {
  name: 'LiteLLM',
  file: join(FOLDER, 'litellm', 'bin', 'litellm'),
  prepare: (engineUrl, port) => {
    const config = write(
      'litellm.yaml',
      `model_list:
  - model_name: ${MODEL}
    litellm_params: { model: openai/bench, api_base: "${engineUrl}/v1", api_key: bench }
general_settings: { master_key: ${KEY} }
litellm_settings: { request_timeout: 60, telemetry: false }
`,
    );
    return {
      command: join(FOLDER, 'litellm', 'bin', 'litellm'),
      parameters: ['--config', config, '--host', '127.0.0.1', '--port', String(port)],
      environment: { LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_LOG: 'ERROR' },
      headers: { authorization: `Bearer ${KEY}` },
    };
  },
};

export const PEERS: readonly Peer[] = [nginx, caddy, bifrost, portkey, litellm];

export function isInstalled({ file }: Peer): boolean {
  return existsSync(file);
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const bound = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (bound === null || typeof bound === 'string') throw new Error('no free port');
  return bound.port;
}
