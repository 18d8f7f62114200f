/**
 * The icon set: 20 × 20, one stroke weight, drawn for this console. Icons are decoration and hidden
 * from screen readers; the control around them carries the name.
 */
import type { ComponentType, ReactNode } from 'react';
import { classNames } from './class-names.ts';

export type IconProps = Readonly<{ className?: string }>;
export type Icon = ComponentType<IconProps>;

function icon(drawing: ReactNode): Icon {
  return function DrawnIcon({ className }: IconProps) {
    return (
      <svg
        aria-hidden="true"
        className={classNames('size-4 shrink-0', className)}
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        {drawing}
      </svg>
    );
  };
}

const path = (d: string): Icon => icon(<path d={d} />);

export const WheelIcon = icon(
  <>
    <circle cx="10" cy="10" r="7.5" />
    <circle cx="10" cy="10" r="1.6" />
    <path d="M10 8.4c0-2.4 1.1-4.3 3-5.2M11.4 10.8c2.1 1.2 3.2 3.1 3 5.2M8.6 10.8c-2.1 1.2-4.3 1.2-6 0" />
  </>,
);
export const ModelIcon = path(
  'M10 2.5 16.5 6v8L10 17.5 3.5 14V6L10 2.5ZM3.5 6 10 9.6 16.5 6M10 9.6v7.9',
);
export const ChatIcon = path(
  'M3 5.5A2.5 2.5 0 0 1 5.5 3h9A2.5 2.5 0 0 1 17 5.5v6a2.5 2.5 0 0 1-2.5 2.5H9l-4 3v-3.050A2.5 2.5 0 0 1 3 11.5v-6ZM7 7.5h6M7 10.5h3.5',
);
export const GaugeIcon = path(
  'M3.5 14.500a7.500 7.500 0 1 1 13 0M10 11.500l3.200-3.700M10 11.500a1 1 0 1 0 0 .010',
);
export const ServerIcon = icon(
  <>
    <rect x="3" y="3" width="14" height="6" rx="1.6" />
    <rect x="3" y="11" width="14" height="6" rx="1.6" />
    <path d="M6 6h.01M6 14h.01M9 6h5M9 14h5" />
  </>,
);
export const KeyIcon = icon(
  <>
    <circle cx="7" cy="13" r="3.7" />
    <path d="m9.7 10.3 6.8-6.8M13.5 6.5l2.5 2.5M11.3 8.7l1.5 1.5" />
  </>,
);
export const ChartIcon = path('M3 3v14h14M7 13.5v-3M10.5 13.5v-7M14 13.5V9');
export const SettingsIcon = icon(
  <>
    <path d="M3 6h7M14 6h3M3 14h3M10 14h7" />
    <circle cx="12" cy="6" r="2" />
    <circle cx="8" cy="14" r="2" />
  </>,
);
export const SearchIcon = icon(
  <>
    <circle cx="9" cy="9" r="5.5" />
    <path d="m13.2 13.2 3.8 3.8" />
  </>,
);
export const SunIcon = icon(
  <>
    <circle cx="10" cy="10" r="3.3" />
    <path d="M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1" />
  </>,
);
export const MoonIcon = path('M16.5 11.7A7 7 0 0 1 8.3 3.5a7 7 0 1 0 8.2 8.2Z');
export const ScreenIcon = icon(
  <>
    <rect x="2.5" y="3.5" width="15" height="10" rx="1.6" />
    <path d="M7 17h6M10 13.5V17" />
  </>,
);
export const GlobeIcon = icon(
  <>
    <circle cx="10" cy="10" r="7.5" />
    <path d="M2.5 10h15M10 2.5c2.2 2.2 3.2 4.7 3.2 7.5S12.2 15.3 10 17.5C7.8 15.3 6.8 12.8 6.8 10S7.8 4.7 10 2.5Z" />
  </>,
);
export const CopyIcon = icon(
  <>
    <rect x="7" y="7" width="10" height="10" rx="2" />
    <path d="M13 7V5a2 2 0 0 0-2-2H5a2 2 0 0 0-2 2v6a2 2 0 0 0 2 2h2" />
  </>,
);
export const CheckIcon = path('m4 10.5 4 4 8-9');
export const CloseIcon = path('m5 5 10 10M15 5 5 15');
export const PlusIcon = path('M10 4v12M4 10h12');
export const TrashIcon = path(
  'M3.5 5.5h13M8 5.5V3.5h4v2M5 5.5l.8 11h8.4l.8-11M8.3 9v4.5M11.7 9v4.5',
);
export const ChevronDownIcon = path('m5.5 8 4.5 4.5L14.5 8');
export const ChevronRightIcon = path('m8 5.5 4.5 4.5L8 14.5');
export const UpDownIcon = path('m7 8 3-3 3 3M7 12l3 3 3-3');
export const ArrowRightIcon = path('M4 10h12M11.5 5.5 16 10l-4.5 4.5');
export const ArrowUpIcon = path('M10 16V4M5.5 8.5 10 4l4.5 4.5');
export const PlayIcon = path('M6 4.2v11.6L15.5 10 6 4.2Z');
export const StopIcon = icon(<rect x="5" y="5" width="10" height="10" rx="1.5" />);
export const RefreshIcon = path(
  'M16.5 8.5A6.8 6.8 0 0 0 4 6.8M3.5 3v4h4M3.5 11.5A6.8 6.8 0 0 0 16 13.2M16.5 17v-4h-4',
);
export const UndoIcon = path('M7.5 4 3.5 8l4 4M3.5 8h8a4.5 4.5 0 0 1 0 9H8');
export const DownloadIcon = path('M10 3v10M5.5 9 10 13.5 14.5 9M3.5 17h13');
export const MenuIcon = path('M3 6h14M3 10h14M3 14h14');
export const PersonIcon = icon(
  <>
    <circle cx="10" cy="7" r="3.3" />
    <path d="M3.5 17c.8-3.2 3.3-5 6.5-5s5.7 1.8 6.5 5" />
  </>,
);
export const PeopleIcon = icon(
  <>
    <circle cx="7.5" cy="7" r="2.8" />
    <path d="M2 16.5c.6-2.9 2.7-4.5 5.5-4.5s4.9 1.6 5.5 4.5M13 4.5a2.8 2.8 0 0 1 0 5.2M15 12.5c1.6.6 2.7 2 3 4" />
  </>,
);
export const SignOutIcon = path(
  'M8 3H5a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h3M13 6.5l3.5 3.5-3.5 3.5M16.5 10H8',
);
export const AlertIcon = path('M10 3 2.5 16.5h15L10 3ZM10 8.5v3.5M10 14.3v.01');
export const InfoIcon = icon(
  <>
    <circle cx="10" cy="10" r="7.5" />
    <path d="M10 9v5M10 6.3v.01" />
  </>,
);
export const CodeIcon = path('m6.5 6-4 4 4 4M13.5 6l4 4-4 4M11.5 4l-3 12');
export const TerminalIcon = icon(
  <>
    <rect x="2.5" y="3.5" width="15" height="13" rx="2" />
    <path d="m5.5 8 2.5 2-2.5 2M10.5 12.5h4" />
  </>,
);
export const CoinIcon = icon(
  <>
    <circle cx="10" cy="10" r="7.5" />
    <path d="M6.8 6.5 10 10l3.2-3.5M10 10v4M7.5 10h5M7.5 12.3h5" />
  </>,
);
export const ReceiptIcon = path(
  'M4.500 2.500v15l2.200-1.300 2.200 1.300 2.200-1.300 2.200 1.300 2.200-1.300v-12.400a1.300 1.300 0 0 0-1.300-1.300H4.500ZM7.500 7h5M7.500 10.500h5',
);
export const BookIcon = path(
  'M3 4.500c2.500-.8 5-.6 7 .8 2-1.400 4.500-1.600 7-.8v11.500c-2.500-.8-5-.6-7 .8-2-1.400-4.500-1.600-7-.8V4.500ZM10 5.300v11.500',
);
export const TokenIcon = icon(
  <>
    <rect x="2.5" y="5" width="6" height="4" rx="1.2" />
    <rect x="10.5" y="5" width="7" height="4" rx="1.2" />
    <rect x="2.5" y="11" width="8" height="4" rx="1.2" />
    <rect x="12.5" y="11" width="5" height="4" rx="1.2" />
  </>,
);
export const BoltIcon = path('M11 2.5 4 11.5h5l-.5 6 7-9h-5l.5-6Z');
export const BranchIcon = icon(
  <>
    <circle cx="5.5" cy="4.5" r="2" />
    <circle cx="5.5" cy="15.5" r="2" />
    <circle cx="14.5" cy="7.5" r="2" />
    <path d="M5.5 6.5v7M14.5 9.5c0 2.7-2.5 3.6-6.5 4.5" />
  </>,
);
export const FileIcon = path('M5 2.5h6.5L15 6v11.5H5v-15ZM11.5 2.5V6H15');
export const PanelIcon = icon(
  <>
    <rect x="2.5" y="3.5" width="15" height="13" rx="2" />
    <path d="M12.5 3.5v13" />
  </>,
);
export const ThinkIcon = path(
  'M7 15.5h6M8 18h4M10 2a5.5 5.5 0 0 0-3.3 9.9c.5.4.8 1 .8 1.6h5c0-.6.3-1.2.8-1.6A5.5 5.5 0 0 0 10 2Z',
);
export const LinkIcon = path(
  'M8.5 11.5a3.5 3.5 0 0 0 5 0l2.5-2.5a3.5 3.5 0 0 0-5-5l-1 1M11.5 8.5a3.5 3.5 0 0 0-5 0L4 11a3.5 3.5 0 0 0 5 5l1-1',
);
export const CloudIcon = path('M5.5 15.5a3.5 3.5 0 0 1-.4-7 5 5 0 0 1 9.7 1 3 3 0 0 1-.3 6h-9Z');
export const StackIcon = path(
  'm10 3 7 3.500-7 3.500-7-3.500L10 3ZM3 10.2l7 3.500 7-3.500M3 13.700l7 3.500 7-3.500',
);
export const ListIcon = path('M7.5 5h9M7.5 10h9M7.5 15h9M3.5 5h.5M3.5 10h.5M3.5 15h.5');
export const FolderIcon = path(
  'M2.500 6A1.500 1.500 0 0 1 4 4.500h3.200l1.800 2h7A1.500 1.500 0 0 1 17.500 8v6a1.500 1.500 0 0 1-1.500 1.500H4A1.500 1.500 0 0 1 2.500 14V6Z',
);
export const UploadIcon = path(
  'M10 13V3.500M6 7.500l4-4 4 4M3.500 13.500v2a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-2',
);
export const PencilIcon = path(
  'm4 16 .8-3.200 8.700-8.700a1.400 1.400 0 0 1 2 0l.400.400a1.400 1.400 0 0 1 0 2L7.200 15.200 4 16Z',
);
export const ClockIcon = icon(
  <>
    <circle cx="10" cy="10" r="7" />
    <path d="M10 6v4l2.500 1.800" />
  </>,
);
export const RowsIcon = path('M3 4.500h14v11H3v-11ZM3 8.200h14M3 11.800h14M8 4.500v11');
export const LockIcon = path('M5 9h10v7.500H5V9ZM7 9V6.500a3 3 0 0 1 6 0V9');
export const ShieldIcon = path(
  'M10 2.500 16 5v4.500c0 3.800-2.500 6.600-6 8-3.500-1.400-6-4.200-6-8V5l6-2.500Z',
);
export const DotsIcon = icon(
  <>
    <circle cx="4.500" cy="10" r="0.900" fill="currentColor" />
    <circle cx="10" cy="10" r="0.900" fill="currentColor" />
    <circle cx="15.500" cy="10" r="0.900" fill="currentColor" />
  </>,
);
export const AppIcon = path('M3 4.500h14v11H3v-11ZM3 8h14M5.500 6.200h.01M7.500 6.200h.01');
export const PictureIcon = path(
  'M3 4.500h14v11H3v-11Zm0 8.500 4-4 3.500 3.500L13 10l4 3.800M13 7.500h.01',
);
export const HeartIcon = path(
  'M10 16.5S3.2 12.6 3.2 7.9A3.6 3.6 0 0 1 10 6.2a3.6 3.6 0 0 1 6.8 1.7c0 4.7-6.8 8.6-6.8 8.6Z',
);
