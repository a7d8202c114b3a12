// Builds the images and their bills of materials: node deploy/build-images.mjs --help
if (!process.features.typescript) {
  process.stderr.write(
    `Node ${process.versions.node} does not run TypeScript: use Node 24, the one of \`npm start\` is in .fairlead/toolchain.\n`,
  );
  process.exit(1);
}
const { main } = await import("./src/main.ts");
process.exitCode = main(process.argv.slice(2));
