/** 简体中文邮件。 */
import type { Templates } from './template.ts';

const PAYMENTS = '/billing?tab=payments';
const BUDGETS = '/billing?tab=budgets';
const INVOICES = '/billing?tab=invoices';
const PLANS = '/billing?tab=plans';
const BILLING = '/billing';

export const CHINESE: Templates = {
  'payment.succeeded': {
    subject: '已收到付款 {amount} {currency}',
    lines: [
      '我们已收到您的付款 {amount} {currency}，谢谢。',
      '该笔付款用于支付账单 {invoiceNumber}。',
      '您的备注：{reference}。',
    ],
    path: PAYMENTS,
  },
  'payment.failed': {
    subject: '付款 {amount} {currency} 未成功',
    lines: ['您的付款 {amount} {currency} 未成功，未作任何入账。'],
    path: PAYMENTS,
  },
  'payment.refunded': {
    subject: '已退款 {amount} {currency}',
    lines: ['您的付款中有 {amount} {currency} 已退回。', '原因：{reason}。'],
    path: PAYMENTS,
  },
  'payment.disputed': {
    subject: '付款 {amount} {currency} 存在争议',
    lines: ['付款 {paymentId}（{amount} {currency}）在银行侧被提出争议。'],
    path: PAYMENTS,
  },
  'payment.quarantined': {
    subject: '有一笔付款需要核对：{problem}',
    lines: [
      '付款 {paymentId} 已被隔离，未作任何入账：{problem}。',
      '应收：{expected}；实收：{received}。',
    ],
    path: PAYMENTS,
  },
  'top_up.failed': {
    subject: '自动充值未成功',
    lines: [
      '您的余额低于 {threshold} {currency}，但自动充值 {amount} {currency} 未成功：{problem}。',
      '自动充值已关闭，需要您重新开启。',
    ],
    path: PAYMENTS,
  },
  'budget.reached': {
    subject: '预算“{budget}”已使用 {percent}%',
    lines: [
      '预算“{budget}”已达到 {percent}%：自 {periodStart} 起的周期内已花费 {spent} / {amount} {currency}。',
      '调用将在此停止：{stopsAt}。',
    ],
    path: BUDGETS,
  },
  'budget.forecast': {
    subject: '预算“{budget}”预计将达到 {percent}%',
    lines: [
      '按当前速度，预算“{budget}”在周期结束时约为 {forecast} / {amount} {currency}。目前已花费 {spent}。',
    ],
    path: BUDGETS,
  },
  'spend.anomaly': {
    subject: '支出异常：一小时内 {spent} {currency}',
    lines: [
      '在 {hour} 开始的一小时内，{scope} 花费了 {spent} {currency}。每周的这一小时通常为 {usual}，很少超过 {most}。',
    ],
    path: BUDGETS,
  },
  'invoice.issued': {
    subject: '账单 {number}：{amount} {currency}',
    lines: ['您的账单 {number}（{amount} {currency}）已开具。', '付款截止日：{dueOn}。'],
    path: INVOICES,
  },
  'invoice.paid': {
    subject: '账单 {number} 已付清',
    lines: ['您的账单 {number}（{amount} {currency}）已付清，谢谢。'],
    path: INVOICES,
  },
  'invoice.overdue': {
    subject: '账单 {number} 已逾期',
    lines: ['您的账单 {number}（{amount} {currency}）应于 {dueOn} 前支付。', '后续处理：{next}。'],
    path: INVOICES,
  },
  'credit_note.issued': {
    subject: '贷记单 {number}：{amount} {currency}',
    lines: ['我们已开具贷记单 {number}（{amount} {currency}）。', '原因：{reason}。'],
    path: INVOICES,
  },
  'tenant.restricted': {
    subject: '您的账户已受限',
    lines: ['由于账单逾期，您的账户已受限。', '{reason}'],
    path: INVOICES,
  },
  'tenant.stopped': {
    subject: '您的账户已停用',
    lines: ['由于账单逾期，在付清之前调用将被拒绝。', '{reason}'],
    path: INVOICES,
  },
  'tenant.restored': {
    subject: '您的账户已恢复',
    lines: ['款项已付清，您的账户已恢复正常，谢谢。'],
    path: BILLING,
  },
  'balance.low': {
    subject: '余额仅剩 {balance} {currency}',
    lines: ['您的余额仅剩 {balance} {currency}。', '按当前速度还可使用 {daysLeft} 天。'],
    path: PAYMENTS,
  },
  'grant.expiring': {
    subject: '额度 {amount} {currency} 将于 {expiresOn} 到期',
    lines: ['您有 {amount} {currency} 的额度尚未使用，将于 {expiresOn} 到期。'],
    path: PLANS,
  },
  'quota.used_up': {
    subject: '{model} 的免费额度已用完',
    lines: ['{model} 的免费额度已用完。'],
    path: PLANS,
  },
  'plan.changed': {
    subject: '您的套餐现为 {plan}',
    lines: ['您的套餐现为 {plan}。', '自 {from} 起生效。'],
    path: PLANS,
  },
  'plan.unpaid': {
    subject: '您的套餐 {plan} 未能续订',
    lines: [
      '余额不足以支付 {plan} 下个月的费用 {amount} {currency}。',
      '充值之前套餐暂停；一周后套餐将结束。',
    ],
    path: PLANS,
  },
  'plan.ended': {
    subject: '您的套餐 {plan} 已结束',
    lines: ['您的套餐 {plan} 已结束。'],
    path: PLANS,
  },
  'payout.recorded': {
    subject: '分成款 {amount} {currency} 已登记支付',
    lines: ['我们已登记向您支付 {amount} {currency}。', '付款备注：{reference}。'],
    path: BILLING,
  },
  'price.published': {
    subject: '{model} 价格调整',
    lines: [
      '自 {effectiveOn}（UTC）起，{model} 执行新价格。此前的调用仍按原价计费。',
      '每百万 token：输入 {inputPerMillion} {currency}，输出 {outputPerMillion} {currency}。',
    ],
    path: '/models',
  },
  'price.approval_wanted': {
    subject: '有价目表等待审批',
    lines: ['草稿“{name}”等待另一位成员审批。'],
    path: '/finance?tab=prices',
  },
  'books.broken': {
    subject: '账目不平：{findings} 处',
    lines: ['对账发现 {findings} 行不一致。', '第一处：{first}'],
    path: '/finance?tab=books',
  },
  'hub.damaged': {
    subject: '存储数据损坏：{faults} 个对象',
    lines: ['完整性检查发现 {faults} 个对象损坏或丢失。', '第一个：{first}'],
    path: '/storage',
  },
  'webhook.failed': {
    subject: 'Webhook“{webhook}”没有应答',
    lines: [
      '类型为 {notice} 的通知未能送达 Webhook“{webhook}”，尝试 {attempts} 次后已放弃。最后一次：{problem}。',
      '您可以在投递记录中重新发送。',
    ],
    path: '/settings',
  },
};
