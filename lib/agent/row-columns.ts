import type { ContextAttributes } from '../ambient/context-attributes.ts'
import type { RunRow } from '../store/rows.ts'
import { ATTRIBUTE_OF_COLUMN } from '../vocabulary/generative-ai.ts'
import type { Cost } from './prices.ts'
import type { TokenUsage } from './usage.ts'
import type { Work } from './work.ts'

type SharedColumn = 'organization_id' | 'project_id' | 'agent_id' | 'template_id' | 'base_template_id' |
  'trace_id' | 'created_at' | 'updated_at' | 'is_deleted'
type UsageColumn = 'input_tokens' | 'output_tokens' | 'cached_input_tokens' | 'reasoning_tokens' | 'total_tokens' | 'cost_usd'

/** The columns that rows of all work have. */
export function sharedColumns (work: Work): Pick<RunRow, SharedColumn> {
  const { ambient } = work
  return {
    organization_id: text(ambient, ATTRIBUTE_OF_COLUMN.organization_id),
    project_id: text(ambient, ATTRIBUTE_OF_COLUMN.project_id),
    agent_id: text(ambient, ATTRIBUTE_OF_COLUMN.agent_id),
    template_id: text(ambient, ATTRIBUTE_OF_COLUMN.template_id),
    base_template_id: text(ambient, ATTRIBUTE_OF_COLUMN.base_template_id),
    trace_id: work.traceId,
    created_at: work.createdAt,
    updated_at: work.nextUpdate(),
    is_deleted: false
  }
}

export function usageColumns (usage: TokenUsage, cost: Cost['usd'] | undefined): Pick<RunRow, UsageColumn> {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    reasoning_tokens: usage.reasoningTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    cost_usd: cost ?? null
  }
}

function text (attributes: ContextAttributes, name: string): string {
  return String(attributes[name] ?? '')
}
