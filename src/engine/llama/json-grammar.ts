/**
 * Turns a JSON Schema into a grammar (llama.cpp's GBNF) that lets through exactly the JSON texts of
 * that shape: objects with required and optional properties in schema order, arrays, enums, unions,
 * references and recursion. Keywords that a grammar cannot hold (`pattern`, `minimum`, …) are
 * refused for strict schemas and ignored for others, as in OpenAI's best-effort mode.
 */
import { failRequest } from '../errors.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Rules of one grammar; far above any real schema, and it keeps the native parser safe. */
const RULES_MAX = 5_000;
const DEPTH_MAX = 64;
/** llama.cpp refuses larger counted repetitions. */
const REPEAT_MAX = 1_000;

const BASIC_RULES = String.raw`space ::= | " " | "\n" [ \t]{0,20}
char ::= [^"\\\x7F\x00-\x1F] | [\\] (["\\/bfnrt] | "u" [0-9a-fA-F]{4})
string ::= "\"" char* "\"" space
integer ::= "-"? ("0" | [1-9] [0-9]{0,15}) space
number ::= "-"? ("0" | [1-9] [0-9]{0,15}) ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,3})? space
boolean ::= ("true" | "false") space
null ::= "null" space
value ::= object | array | string | number | boolean | null
member ::= string ":" space value
object ::= "{" space (member ("," space member)*)? "}" space
array ::= "[" space (value ("," space value)*)? "]" space`;

/** Formats that have a fixed shape. */
const FORMATS: Readonly<Record<string, string>> = {
  date: String.raw`"\"" [0-9]{4} "-" [0-9]{2} "-" [0-9]{2} "\"" space`,
  time: String.raw`"\"" [0-9]{2} ":" [0-9]{2} ":" [0-9]{2} ("." [0-9]{1,6})? ("Z" | [-+] [0-9]{2} ":" [0-9]{2}) "\"" space`,
  'date-time': String.raw`"\"" [0-9]{4} "-" [0-9]{2} "-" [0-9]{2} "T" [0-9]{2} ":" [0-9]{2} ":" [0-9]{2} ("." [0-9]{1,6})? ("Z" | [-+] [0-9]{2} ":" [0-9]{2}) "\"" space`,
  uuid: String.raw`"\"" [0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12} "\"" space`,
};

const UNHELD_KEYWORDS = [
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'not',
  'if',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'uniqueItems',
  'contains',
  'dependentRequired',
  'dependentSchemas',
];

export type JsonGrammar = Readonly<{
  /** Adds the rules of a schema and returns the name of its rule. */
  add: (schema: JsonSchema, options: { strict: boolean; param: string }) => string;
  /** The whole grammar, with this as its root rule. */
  build: (root: string) => string;
}>;

export function createJsonGrammar(): JsonGrammar {
  const rules: string[] = [];

  const define = (body: string): string => {
    if (rules.length >= RULES_MAX) {
      throw failRequest('invalid_value', 'The JSON schema is too large.');
    }
    const name = `r${rules.length}`;
    rules.push(`${name} ::= ${body}`);
    return name;
  };
  const reserve = (): { name: string; fill: (body: string) => void } => {
    const name = define('');
    const index = rules.length - 1;
    return {
      name,
      fill: (body) => {
        rules[index] = `${name} ::= ${body}`;
      },
    };
  };

  return {
    add: (schema, options) =>
      new Converter({ root: schema, define, reserve, ...options }).convert(schema, 0),
    build: (root) => [`root ::= ${root}`, ...rules, BASIC_RULES].join('\n'),
  };
}

/** Any JSON object, for `response_format: json_object`. */
export function anyObjectGrammar(): string {
  return `root ::= object\n${BASIC_RULES}`;
}

/** A text as a GBNF literal. */
export function literal(text: string): string {
  return JSON.stringify(text);
}

type ConverterOptions = Readonly<{
  root: JsonSchema;
  strict: boolean;
  param: string;
  define: (body: string) => string;
  reserve: () => { name: string; fill: (body: string) => void };
}>;

class Converter {
  readonly #options: ConverterOptions;
  readonly #references = new Map<string, string>();

  constructor(options: ConverterOptions) {
    this.#options = options;
  }

  convert(schema: unknown, depth: number): string {
    if (depth > DEPTH_MAX) this.#fail('it is nested too deeply.');
    if (schema === true) return 'value';
    if (!isSchema(schema)) return this.#fail('a schema must be an object.');
    if (this.#options.strict) this.#refuseUnheld(schema);
    if (typeof schema['$ref'] === 'string') return this.#reference(schema['$ref'], depth);
    if ('const' in schema) return this.#oneOf([schema['const']]);
    if (Array.isArray(schema['enum'])) return this.#oneOf(schema['enum']);
    const union = schema['anyOf'] ?? schema['oneOf'];
    if (Array.isArray(union)) return this.#union(union, depth);
    if (Array.isArray(schema['allOf'])) return this.convert(this.#merge(schema), depth + 1);
    return this.#typed(schema, depth);
  }

  #fail(message: string): never {
    const { param } = this.#options;
    throw failRequest('invalid_value', `Invalid schema in '${param}': ${message}`, { param });
  }

  #oneOf(values: readonly unknown[]): string {
    if (values.length === 0) this.#fail('an enum needs a value.');
    const texts = values.map((value) => literal(JSON.stringify(value)));
    return this.#options.define(`(${texts.join(' | ')}) space`);
  }

  #union(schemas: readonly unknown[], depth: number): string {
    if (schemas.length === 0) this.#fail('a union needs a member.');
    const rules = schemas.map((member) => this.convert(member, depth + 1));
    return this.#options.define(rules.join(' | '));
  }

  #reference(path: string, depth: number): string {
    const known = this.#references.get(path);
    if (known !== undefined) return known;
    const target = resolve(this.#options.root, path);
    if (target === undefined) return this.#fail(`'${path}' does not point into the schema.`);
    const rule = this.#options.reserve();
    this.#references.set(path, rule.name);
    rule.fill(this.convert(target, depth + 1));
    return rule.name;
  }

  #typed(schema: JsonSchema, depth: number): string {
    const type = schema['type'] ?? guessType(schema);
    if (Array.isArray(type)) {
      const members = type.map((one: unknown) => ({ ...schema, type: one }));
      return this.#union(members, depth);
    }
    if (type === undefined) return 'value';
    // These have rules of their own name.
    if (isBasicType(type)) return type;
    switch (type) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return this.#array(schema, depth);
      case 'string':
        return convertString(schema, this.#options.define);
      default:
        return this.#fail(`${JSON.stringify(type)} is not a type.`);
    }
  }

  #object(schema: JsonSchema, depth: number): string {
    const { define } = this.#options;
    const properties = Object.entries(isSchema(schema['properties']) ? schema['properties'] : {});
    const extra = schema['additionalProperties'];
    if (properties.length === 0 && extra === undefined) return 'object';
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
    // Two rules per property, from the last to the first: `first` when no member came before it.
    let first = '""';
    let more = '""';
    if (extra !== undefined && extra !== false) {
      const member = define(`string ":" space ${this.convert(extra, depth + 1)}`);
      first = define(`(${member} ("," space ${member})*)?`);
      more = define(`("," space ${member})*`);
    }
    for (const [name, property] of properties.toReversed()) {
      const value = this.convert(property, depth + 1);
      const member = define(`${literal(`${JSON.stringify(name)}:`)} space ${value}`);
      const isRequired = required.has(name);
      first = define(`${member} ${more}${isRequired ? '' : ` | ${first}`}`);
      more = define(`"," space ${member} ${more}${isRequired ? '' : ` | ${more}`}`);
    }
    return define(`"{" space ${first} "}" space`);
  }

  #array(schema: JsonSchema, depth: number): string {
    const { define } = this.#options;
    const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
    if (prefix.length > 0) {
      const parts = prefix.map((item) => this.convert(item, depth + 1));
      return define(`"[" space ${parts.join(' "," space ')} "]" space`);
    }
    const item = schema['items'] === undefined ? 'value' : this.convert(schema['items'], depth + 1);
    const least = countOf(schema['minItems']) ?? 0;
    const most = countOf(schema['maxItems']);
    if (most === 0) return define('"[" space "]" space');
    const rest = repeat(Math.max(0, least - 1), most === undefined ? undefined : most - 1);
    const body = `${item} ("," space ${item})${rest}`;
    return define(`"[" space ${least === 0 ? `(${body})?` : body} "]" space`);
  }

  #refuseUnheld(schema: JsonSchema): void {
    for (const keyword of UNHELD_KEYWORDS) {
      const value = schema[keyword];
      // Generators write the safe integer range for every integer; it excludes nothing real.
      const isRange = typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER;
      if (value !== undefined && !isRange) {
        this.#fail(`'${keyword}' is not supported with strict output.`);
      }
    }
  }

  /** One object schema out of several, for the common use of `allOf` as inheritance. */
  #merge(schema: JsonSchema): JsonSchema {
    const { allOf, ...own } = schema;
    const parts = [own, ...(Array.isArray(allOf) ? allOf : [])].filter(
      (part) => isSchema(part) && Object.keys(part).length > 0,
    );
    const only: unknown = parts[0];
    if (parts.length === 1 && isSchema(only)) return only;
    const properties: Record<string, unknown> = {};
    const required: unknown[] = [];
    for (const part of parts) {
      if (!isSchema(part) || '$ref' in part)
        return this.#fail("'allOf' may only join plain objects.");
      Object.assign(properties, part['properties']);
      if (Array.isArray(part['required'])) required.push(...part['required']);
    }
    return { type: 'object', properties, required };
  }
}

function convertString(schema: JsonSchema, define: (body: string) => string): string {
  const format = typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined;
  if (format !== undefined) return define(format);
  const least = countOf(schema['minLength']);
  const most = countOf(schema['maxLength']);
  if (least === undefined && most === undefined) return 'string';
  return define(`"\\"" char${repeat(least ?? 0, most)} "\\"" space`);
}

function repeat(least: number, most: number | undefined): string {
  const low = Math.min(least, REPEAT_MAX);
  if (most === undefined || most > REPEAT_MAX) return low === 0 ? '*' : `{${low},}`;
  return `{${low},${Math.max(low, most)}}`;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function isBasicType(type: unknown): type is 'integer' | 'number' | 'boolean' | 'null' {
  return type === 'integer' || type === 'number' || type === 'boolean' || type === 'null';
}

function guessType(schema: JsonSchema): string | undefined {
  if ('properties' in schema || 'additionalProperties' in schema) return 'object';
  return 'items' in schema || 'prefixItems' in schema ? 'array' : undefined;
}

function resolve(root: JsonSchema, path: string): unknown {
  if (!path.startsWith('#')) return undefined;
  let at: unknown = root;
  for (const part of path.slice(1).split('/').filter(Boolean)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    at = isSchema(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
