/** The words that are printed on papers, in each language. */
import type { Language } from './document.ts';

type Words = Readonly<{
  invoice: string;
  statement: string;
  creditNote: string;
  preview: string;
  number: string;
  issuedOn: string;
  dueOn: string;
  period: string;
  timeZone: string;
  from: string;
  to: string;
  taxId: string;
  item: string;
  quantity: string;
  unitPrice: string;
  amount: string;
  calls: (count: string) => string;
  purchases: string;
  corrections: string;
  lateCallsOf: (date: string) => string;
  usage: string;
  paidBy: string;
  subtotal: string;
  net: string;
  included: (name: string, rate: string) => string;
  total: string;
  paidFromBalance: string;
  due: string;
  payBy: (date: string) => string;
  nothingDue: string;
  correctsInvoice: string;
  reason: string;
  credited: string;
  page: (page: number, pages: number) => string;
  rounded: string;
  upTo: (size: string) => string;
  purchaseKinds: Readonly<Record<string, string>>;
  sources: Readonly<Record<'free_quota' | 'plan' | 'savings_plan' | 'grant' | 'cash', string>>;
  tiers: Readonly<Record<string, string>>;
  directions: Readonly<Record<string, string>>;
  units: Readonly<Record<string, string>>;
}>;

const EN: Words = {
  invoice: 'Invoice',
  statement: 'Statement',
  creditNote: 'Credit note',
  preview: 'Preview',
  number: 'Number',
  issuedOn: 'Issued on',
  dueOn: 'Due on',
  period: 'Period',
  timeZone: 'Time zone',
  from: 'From',
  to: 'To',
  taxId: 'Tax ID',
  item: 'Item',
  quantity: 'Quantity',
  unitPrice: 'Unit price',
  amount: 'Amount',
  calls: (count) => `${count} calls`,
  purchases: 'Purchases',
  corrections: 'Corrections of earlier periods',
  lateCallsOf: (date) => `calls of ${date}`,
  usage: 'Usage',
  paidBy: 'Paid by',
  subtotal: 'Subtotal',
  net: 'Net',
  included: (name, rate) => `Includes ${name} ${rate}`,
  total: 'Total',
  paidFromBalance: 'Taken from your prepaid balance',
  due: 'Amount due',
  payBy: (date) => `Please pay by ${date}.`,
  nothingDue: 'Nothing is left to pay.',
  correctsInvoice: 'Corrects invoice',
  reason: 'Reason',
  credited: 'Credited',
  page: (page, pages) => `Page ${page} of ${pages}`,
  rounded: 'Each line is rounded once, half to even. Unit prices are exact.',
  upTo: (size) => `up to ${size}`,
  purchaseKinds: {
    subscription: 'Plan',
    unused: 'Unused rest of plan',
    remaining: 'Rest of the month of plan',
    savings_plan: 'Savings plan',
  },
  sources: {
    free_quota: 'Free quota',
    plan: 'Plan',
    savings_plan: 'Savings plan',
    grant: 'Credits',
    cash: 'Balance',
  },
  tiers: { flex: 'flex', priority: 'priority', batch: 'batch' },
  directions: {
    input: 'Input',
    cache_read: 'Cached input',
    cache_write: 'Cache writing',
    cache_write_1h: 'Cache writing, 1 h',
    output: 'Output',
    reasoning: 'Reasoning',
  },
  units: {
    token: '1M tokens',
    character: '1M characters',
    second: 'second',
    image: 'image',
    video_second: 'second of video',
    page: 'page',
    request: 'request',
    gb_day: 'GB-day',
    gpu_hour: 'GPU-hour',
    training_token: '1M training tokens',
    package: 'package',
  },
};

const ZH: Words = {
  invoice: '账单',
  statement: '对账单',
  creditNote: '贷记单',
  preview: '预览',
  number: '编号',
  issuedOn: '开具日期',
  dueOn: '付款截止',
  period: '账期',
  timeZone: '时区',
  from: '开票方',
  to: '收票方',
  taxId: '税号',
  item: '项目',
  quantity: '数量',
  unitPrice: '单价',
  amount: '金额',
  calls: (count) => `${count} 次调用`,
  purchases: '购买',
  corrections: '往期更正',
  lateCallsOf: (date) => `${date} 的调用`,
  usage: '用量',
  paidBy: '抵扣',
  subtotal: '小计',
  net: '不含税金额',
  included: (name, rate) => `含${name} ${rate}`,
  total: '合计',
  paidFromBalance: '已从预付余额扣除',
  due: '应付金额',
  payBy: (date) => `请于 ${date} 前付款。`,
  nothingDue: '无需再付款。',
  correctsInvoice: '更正账单',
  reason: '原因',
  credited: '贷记金额',
  page: (page, pages) => `第 ${page} 页，共 ${pages} 页`,
  rounded: '每行金额只舍入一次（四舍六入五成双）；单价为精确值。',
  upTo: (size) => `不超过 ${size}`,
  purchaseKinds: {
    subscription: '套餐',
    unused: '退回未用的套餐',
    remaining: '本月剩余时间的套餐',
    savings_plan: '节省计划',
  },
  sources: {
    free_quota: '免费额度',
    plan: '套餐额度',
    savings_plan: '节省计划',
    grant: '代金券',
    cash: '余额',
  },
  tiers: { flex: '弹性', priority: '优先', batch: '批量' },
  directions: {
    input: '输入',
    cache_read: '缓存输入',
    cache_write: '缓存写入',
    cache_write_1h: '缓存写入（1 小时）',
    output: '输出',
    reasoning: '推理',
  },
  units: {
    token: '百万词元',
    character: '百万字符',
    second: '秒',
    image: '张',
    video_second: '秒视频',
    page: '页',
    request: '次',
    gb_day: 'GB·天',
    gpu_hour: 'GPU 小时',
    training_token: '百万训练词元',
    package: '包',
  },
};

export const WORDS: Readonly<Record<Language, Words>> = { en: EN, 'zh-CN': ZH };
