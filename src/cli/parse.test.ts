import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { COMMANDS, GROUPS } from './commands.ts';
import type { OptionSpec } from './command.ts';
import { GLOBAL_OPTIONS, parse } from './parse.ts';
import { UsageError } from './usage-error.ts';

const read = (line: string) => parse(line.split(' ').filter(Boolean), COMMANDS);

/** What would run, with the options that differ from "not given". */
function runs(line: string) {
  const parsed = read(line);
  assert.equal(parsed.kind, 'run');
  return parsed.kind === 'run'
    ? { words: parsed.command.words.join(' '), ...parsed.input, global: parsed.global }
    : assert.fail();
}

function refuses(line: string): UsageError {
  try {
    read(line);
  } catch (error) {
    if (error instanceof UsageError) return error;
  }
  return assert.fail(`"${line}" was accepted`);
}

describe('a command line', () => {
  it('names a command, wherever the options stand', () => {
    for (const line of [
      'key create ci --role viewer --json',
      '--json key --role viewer create ci',
      'key create --role=viewer ci --json',
    ]) {
      const { words, arguments: typed, options, global } = runs(line);

      assert.equal(words, 'key create');
      assert.deepEqual([typed['name'], options['role'], global.isJson], ['ci', 'viewer', true]);
    }
  });

  it('reads a list as a list, also where another command takes the same option once', () => {
    assert.deepEqual(runs('key create ci -m a/b --model c/d').options['model'], ['a/b', 'c/d']);
    assert.deepEqual(runs('limits set key k --model a/b').options['model'], ['a/b']);
    assert.equal(runs('requests list --model a/b').options['model'], 'a/b');
  });

  it('gets defaults, numbers and lists', () => {
    const { options } = runs('deployment create a/b --parallel 8');
    const key = runs('key create ci --model a/b --model c/d');

    assert.deepEqual([options['parallel'], options['min'], options['wait']], [8, 1, false]);
    assert.deepEqual(key.options['model'], ['a/b', 'c/d']);
  });

  it('prefers the longest command', () => {
    assert.equal(runs('usage').words, 'usage');
    assert.equal(runs('usage events').words, 'usage events');
    assert.equal(runs('hub token create x').words, 'hub token create');
  });

  it('takes words of a prompt as they are, also after --', () => {
    assert.deepEqual(runs('chat why is it so').arguments['prompt'], ['why', 'is', 'it', 'so']);
    assert.deepEqual(runs('chat -- --help me').arguments['prompt'], ['--help', 'me']);
  });

  it('takes a negative number and refuses a forgotten value', () => {
    assert.equal(runs('chat hi --temperature -1').options['temperature'], -1);
    assert.equal(refuses('model list --url --json').message, '--url needs a value.');
    assert.equal(refuses('model list --url').message, '--url needs a value.');
  });

  it('asks for help on every level', () => {
    assert.deepEqual(read(''), { kind: 'help', words: [] });
    assert.deepEqual(read('--help'), { kind: 'help', words: [] });
    assert.deepEqual(read('help'), { kind: 'help', words: [] });
    assert.deepEqual(read('model'), { kind: 'help', words: ['model'] });
    assert.deepEqual(read('model -h'), { kind: 'help', words: ['model'] });
    assert.deepEqual(read('help model import'), { kind: 'help', words: ['model', 'import'] });
    assert.deepEqual(read('model import --help'), { kind: 'help', words: ['model', 'import'] });
    assert.deepEqual(read('hub token'), { kind: 'help', words: ['hub', 'token'] });
  });

  it('is refused with what was probably meant', () => {
    for (const [line, message, hint] of [
      ['modle list', '"modle" is not a command of flywheel.', 'Did you mean `flywheel model`?'],
      [
        'model lst',
        '"lst" is not a command of flywheel model.',
        'Did you mean `flywheel model list`?',
      ],
      ['sing', '"sing" is not a command of flywheel.', 'See `flywheel --help`.'],
      ['model list --jsno', 'flywheel model list has no option --jsno.', 'Did you mean --json?'],
      [
        'key list --role owner',
        'flywheel key list has no option --role.',
        'See `flywheel key list --help`.',
      ],
      [
        'key create',
        'flywheel key create needs NAME: What it is for.',
        'See `flywheel key create --help`.',
      ],
      [
        'key create a b',
        'flywheel key create does not take "b".',
        'See `flywheel key create --help`.',
      ],
    ] as const) {
      const error = refuses(line);

      assert.deepEqual([error.message, error.hint], [message, hint]);
    }
  });

  it('is refused when a value is of the wrong kind', () => {
    assert.match(refuses('key create a --role god').message, /--role is one of owner, admin/);
    assert.match(refuses('chat hi --seed x').message, /--seed is a number; it is "x"/);
    assert.match(refuses('price set a/b --input 1').message, /--output is needed/);
    assert.match(refuses('model list --json=yes').message, /--json takes no value/);
  });

  it('is read or refused, whatever it is, and never breaks', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string(), fc.constantFrom('model', 'import', '--json', '--url', '-h')),
        ),
        (argv) => {
          try {
            parse(argv, COMMANDS);
          } catch (error) {
            assert.ok(error instanceof UsageError, String(error));
          }
        },
      ),
    );
  });
});

describe('the commands', () => {
  it('mean the same by the same option and by the same letter', () => {
    const kinds = new Map<string, string>();
    const names = new Map<string, string>();
    for (const options of [GLOBAL_OPTIONS, ...COMMANDS.map((command) => command.options)]) {
      for (const [name, { type, short }] of Object.entries<OptionSpec>(options)) {
        // Taken once or as a list, it has a value; see `unionOf`.
        const kind = type === 'boolean' ? 'flag' : 'value';
        assert.equal(kinds.get(name) ?? kind, kind, `--${name} is a flag and has a value`);
        kinds.set(name, kind);
        if (short === undefined) continue;
        assert.equal(names.get(short) ?? name, name, `-${short} has two meanings`);
        names.set(short, name);
      }
    }
  });

  it('have no option that hides one of every command', () => {
    for (const { words, options } of COMMANDS) {
      const hidden = Object.keys(options).filter((name) => name in GLOBAL_OPTIONS);
      assert.deepEqual(hidden, [], words.join(' '));
    }
  });

  it('all stand in a group of the help, and only they', () => {
    const nouns = [...new Set(COMMANDS.map(({ words }) => words[0]))];
    const grouped = GROUPS.flatMap((group) => group.nouns.map(([noun]) => noun));

    assert.deepEqual(grouped.toSorted(), nouns.toSorted());
  });

  it('say in a sentence what they do', () => {
    for (const { summary } of COMMANDS) assert.match(summary, /^[A-Z].{10,90}\.$/);
  });
});
