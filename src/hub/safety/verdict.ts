/** What the imports of a pickle mean. Pure. Named things that run programs are unsafe, those of the common libraries are safe. */
import type { PickleImport } from './pickle.ts';

export type Verdict = 'safe' | 'suspicious' | 'unsafe';

/** Whatever they are asked for: they start programs, reach the network or the disk, or load code. */
const UNSAFE_MODULES = new Set(
  (
    'os posix nt subprocess sys socket shutil runpy pty importlib imp webbrowser requests urllib http httplib ' +
    'urllib2 aiohttp asyncio ctypes code codeop multiprocessing signal threading pdb bdb timeit trace cProfile ' +
    'profile pip setuptools marshal pickle _pickle cPickle dill cloudpickle joblib shelve tempfile pathlib glob ' +
    'commands popen2 ssl smtplib ftplib telnetlib platform pkgutil zipimport types inspect gc atexit sysconfig'
  ).split(' '),
);
const UNSAFE_NAMES = new Set(
  (
    'eval exec execfile compile open input breakpoint __import__ getattr setattr delattr globals locals vars ' +
    'apply exit quit help memoryview file system popen attrgetter methodcaller load loads run_code'
  ).split(' '),
);
/** What PyTorch, NumPy and scikit-learn write of themselves. */
const SAFE = [
  /^collections\.(?:OrderedDict|defaultdict|deque|Counter)$/,
  /^torch\.(?:[A-Z]\w*Storage|Size|device|dtype|float\w*|bfloat16|u?int\w*|bool|half|double|long|Tensor|storage\.\w*Storage)$/,
  /^torch\._utils\._rebuild_\w+$/,
  /^torch\.(?:_tensor\._rebuild_from_type_v2|nn\.parameter\.Parameter|serialization\._get_layout)$/,
  /^(?:numpy|numpy\.core\.multiarray|numpy\._core\.multiarray)\.(?:dtype|ndarray|_reconstruct|scalar)$/,
  /^(?:builtins|__builtin__)\.(?:set|frozenset|dict|list|tuple|int|float|complex|str|bytes|bytearray|bool|object|slice|range)$/,
  /^_codecs\.encode$/,
  /^copyreg\._reconstructor$/,
  /^copy_reg\._reconstructor$/,
  /^datetime\.(?:datetime|date|timedelta|timezone)$/,
  /^(?:argparse\.Namespace|omegaconf\.\w+(?:\.\w+)*)$/,
];

export function judgeImport({ module, name }: PickleImport): Verdict {
  const whole = `${module}.${name}`;
  if (SAFE.some((pattern) => pattern.test(whole))) return 'safe';
  const [top = ''] = module.split('.');
  if (UNSAFE_MODULES.has(top)) return 'unsafe';
  const isBuiltin = /^(?:builtins|__builtin__|operator|_operator)$/.test(module);
  if (isBuiltin || name.split('.').some((part) => UNSAFE_NAMES.has(part))) return 'unsafe';
  return 'suspicious';
}

export function worstOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('unsafe')) return 'unsafe';
  return verdicts.includes('suspicious') ? 'suspicious' : 'safe';
}
