import { createEcmaScriptPlugin, runNodeJs } from "@bufbuild/protoplugin";
import { generateFile } from "./generate-file.ts";

/** The plugin that buf runs: one `_codec.js` beside each `_pb.js`. */
runNodeJs(
  createEcmaScriptPlugin({
    name: "protoc-gen-fairlead-codec",
    version: "v1",
    generateTs: () => {},
    generateJs: (schema) => {
      for (const file of schema.files) {
        generateFile(schema.generateFile(`${file.name}_codec.js`), file);
      }
    },
    generateDts: () => {},
  }),
);
