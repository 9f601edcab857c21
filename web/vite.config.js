import { defineConfig } from "vite";

// The names are fixed, since the program has them in its list of files.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../crates/thalweg-view/assets",
    emptyOutDir: true,
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      output: { entryFileNames: "page.js", assetFileNames: "page.[ext]", codeSplitting: false },
    },
  },
});
