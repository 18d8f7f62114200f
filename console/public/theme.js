// Sets the theme before the first paint. A file of its own because the page's policy forbids inline scripts.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('flywheel.theme');
  } catch {
    // Storage is blocked: follow the system.
  }
  var dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
