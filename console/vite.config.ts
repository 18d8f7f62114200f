/**
 * Builds the console into `console/dist`, which the cloud serves. During `vite console` the API
 * paths go to a cloud that runs on this machine.
 */
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const CLOUD_URL = 'http://localhost:8080';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // Relative to this folder: `vite build console` makes it the root.
  build: { outDir: 'dist', target: 'es2023', chunkSizeWarningLimit: 400 },
  server: {
    proxy: Object.fromEntries(['/cloud', '/v1', '/api/auth'].map((path) => [path, CLOUD_URL])),
  },
});
