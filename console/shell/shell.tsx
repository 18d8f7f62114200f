/** The frame of every signed-in page: navigation at the side, who and how at the top. */
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { MenuIcon, SearchIcon } from '../ui/icons.tsx';
import { AccountMenu, BalanceChip, TenantMenu } from './account.tsx';
import { CommandPalette } from './command-palette.tsx';
import { Mark } from './mark.tsx';
import { Navigation } from './navigation.tsx';
import { PageSkeleton } from './page-skeleton.tsx';
import { LanguageMenu, ThemeMenu } from './preferences.tsx';

export function Shell() {
  const { t } = useTranslation();
  const content = useFocusOfPage();
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-ink px-3 py-2 text-sm text-canvas focus-visible:translate-y-0"
      >
        {t('nav.skip')}
      </a>
      <aside className="sticky top-0 hidden h-dvh w-56 shrink-0 flex-col overflow-y-auto border-r px-3 py-3.5 lg:flex">
        <Brand />
        <div className="mt-5">
          <Navigation />
        </div>
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <Header />
        <main ref={content} id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </div>
  );
}

/**
 * Another page begins at its heading for the keyboard, and a screen reader reads it out. The first page
 * keeps its focus with the browser, so that Tab finds the way past the navigation.
 */
function useFocusOfPage() {
  const content = useRef<HTMLElement>(null);
  const pathname = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const shown = useRef(pathname);
  useEffect(() => {
    const isFirst = shown.current === undefined;
    if (pathname === undefined || shown.current === pathname) return;
    shown.current = pathname;
    if (isFirst) return;
    const heading = content.current?.querySelector('h1');
    heading?.setAttribute('tabindex', '-1');
    (heading ?? content.current)?.focus({ preventScroll: true });
  }, [pathname]);
  return content;
}

function Brand() {
  return (
    <Link to="/" className="flex items-center gap-2 rounded-md px-2 py-1">
      <Mark />
      <span className="text-[0.9375rem] font-semibold tracking-tight">Flywheel</span>
    </Link>
  );
}

function Header() {
  const { t } = useTranslation();
  const [isMenuOpen, setIsMenuOpen] = useState(false);
  return (
    <header className="sticky top-0 z-30 flex h-14 items-center gap-1.5 border-b bg-canvas/90 px-3 backdrop-blur-md sm:px-5">
      <IconButton label={t('nav.open')} className="lg:hidden" onClick={() => setIsMenuOpen(true)}>
        <MenuIcon />
      </IconButton>
      <TenantMenu />
      <div className="flex-1" />
      <Search />
      <BalanceChip />
      <div className="ml-1 hidden items-center sm:flex">
        <LanguageMenu />
        <ThemeMenu />
      </div>
      <AccountMenu />
      <Dialog
        place="left"
        width="18rem"
        isOpen={isMenuOpen}
        onClose={() => setIsMenuOpen(false)}
        closeLabel={t('action.close')}
        title={
          <span className="flex items-center gap-2">
            <Mark className="size-5" />
            Flywheel
          </span>
        }
      >
        <Navigation onNavigate={() => setIsMenuOpen(false)} />
        <div className="mt-6 flex gap-1 border-t pt-4">
          <LanguageMenu />
          <ThemeMenu />
        </div>
      </Dialog>
    </header>
  );
}

function Search() {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setIsOpen((open) => !open);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <>
      <button
        type="button"
        aria-label={t('palette.open')}
        onClick={() => setIsOpen(true)}
        className="mr-1 flex h-8 items-center gap-2 rounded-md border-line-strong px-2 text-sm text-faint hover:bg-hover sm:border sm:pr-1.5 md:w-56"
      >
        <SearchIcon />
        <span className="hidden flex-1 text-left md:block">{t('palette.placeholder')}</span>
        <kbd className="hidden rounded-sm border bg-inset px-1.5 font-sans text-2xs md:block">
          {SHORTCUT}
        </kbd>
      </button>
      {isOpen && <CommandPalette onClose={() => setIsOpen(false)} />}
    </>
  );
}

const SHORTCUT = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K';
