/** Tasks as cards name them (`pipeline_tag`), in the groups that people look for. */

/**
 * The names of Hugging Face's tasks, https://huggingface.co/tasks, and ModelScope's chat and video tasks among them.
 * Order is the order on the page.
 */
export const TASK_GROUPS = [
  { group: 'language', tasks: ['text-generation', 'text2text-generation', 'fill-mask'] },
  {
    group: 'chat',
    tasks: ['conversational', 'chat', 'question-answering', 'table-question-answering'],
  },
  {
    group: 'understanding',
    tasks: [
      'text-classification',
      'token-classification',
      'zero-shot-classification',
      'translation',
      'summarization',
    ],
  },
  {
    group: 'retrieval',
    tasks: [
      'feature-extraction',
      'sentence-similarity',
      'text-ranking',
      'visual-document-retrieval',
    ],
  },
  {
    group: 'multimodal',
    tasks: [
      'image-text-to-text',
      'visual-question-answering',
      'document-question-answering',
      'video-text-to-text',
      'audio-text-to-text',
      'any-to-any',
    ],
  },
  {
    group: 'image',
    tasks: [
      'text-to-image',
      'image-to-image',
      'image-text-to-image',
      'unconditional-image-generation',
      'text-to-3d',
      'image-to-3d',
    ],
  },
  {
    group: 'video',
    tasks: ['text-to-video', 'image-to-video', 'video-to-video', 'image-text-to-video'],
  },
  {
    group: 'vision',
    tasks: [
      'image-classification',
      'object-detection',
      'image-segmentation',
      'depth-estimation',
      'image-to-text',
      'image-feature-extraction',
      'mask-generation',
      'keypoint-detection',
      'video-classification',
      'zero-shot-image-classification',
      'zero-shot-object-detection',
    ],
  },
  {
    group: 'speech',
    tasks: [
      'automatic-speech-recognition',
      'text-to-speech',
      'text-to-audio',
      'audio-to-audio',
      'audio-classification',
      'voice-activity-detection',
    ],
  },
  {
    group: 'other',
    tasks: [
      'tabular-classification',
      'tabular-regression',
      'time-series-forecasting',
      'reinforcement-learning',
      'robotics',
      'graph-ml',
    ],
  },
] as const;

export type TaskGroup = (typeof TASK_GROUPS)[number]['group'];

const GROUP_OF = new Map<string, TaskGroup>(
  TASK_GROUPS.flatMap(({ group, tasks }) => tasks.map((task) => [task, group] as const)),
);

export function isTask(name: string): boolean {
  return GROUP_OF.has(name);
}

/** `other` for a task that nobody has put in a group. */
export function groupOfTask(task: string): TaskGroup {
  return GROUP_OF.get(task) ?? 'other';
}

export function tasksOfGroup(group: string): readonly string[] {
  return TASK_GROUPS.find((known) => known.group === group)?.tasks ?? [];
}
