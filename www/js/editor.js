// CodeMirror with as much as a Dockerfile and a redis.conf need; loaded when the first file is opened.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { dockerFile } from "@codemirror/legacy-modes/mode/dockerfile";
import { properties } from "@codemirror/legacy-modes/mode/properties";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const highlight = HighlightStyle.define([
  { tag: tags.keyword, class: "tok-keyword" },
  { tag: tags.definition(tags.variableName), class: "tok-name" },
  { tag: [tags.comment], class: "tok-comment" },
  { tag: [tags.string, tags.special(tags.string)], class: "tok-string" },
  { tag: [tags.number, tags.bool, tags.atom], class: "tok-value" },
]);

/** Redis's files: `directive value`, `#` comments. */
const redisConf = {
  startState: () => ({ start: true }),
  token(stream, state) {
    if (stream.sol()) state.start = true;
    if (stream.eatSpace()) return null;
    if (stream.peek() === "#" && state.start) { stream.skipToEnd(); return "comment"; }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) { state.start = false; return "string"; }
    stream.eatWhile(/\S/);
    if (state.start) { state.start = false; return "keyword"; }
    return /^(\d+\w*|yes|no)$/.test(stream.current()) ? "number" : null;
  },
};

function languageOf(path) {
  const name = path.split("/").pop() ?? "";
  if (/^(.*\.)?dockerfile$/i.test(name) || /^Dockerfile/.test(name)) return StreamLanguage.define(dockerFile);
  if (/\.conf$/.test(name)) return StreamLanguage.define(redisConf);
  if (/\.(env|ini|properties|ya?ml)$/.test(name)) return StreamLanguage.define(properties);
  if (/\.sh$/.test(name) || /^\.(bashrc|profile)$/.test(name)) return StreamLanguage.define(shell);
  return [];
}

/** Opens an editor in `host`. `handlers`: `changed()`, `save()`. */
export function createEditor(host, handlers) {
  const content = new Compartment();
  const extensions = (path, label) => [
    lineNumbers(),
    history(),
    drawSelection(),
    highlightActiveLine(),
    EditorState.tabSize.of(4),
    keymap.of([{ key: "Mod-s", preventDefault: true, run: () => (handlers.save(), true) }, ...historyKeymap, ...defaultKeymap]),
    EditorView.updateListener.of((update) => update.docChanged && handlers.changed()),
    EditorView.contentAttributes.of({ "aria-label": label }),
    syntaxHighlighting(highlight),
    content.of(languageOf(path)),
  ];
  const view = new EditorView({ parent: host });
  return {
    /** Shows a file; forgets the history of the one before. */
    show: (path, text, label) => view.setState(EditorState.create({ doc: text, extensions: extensions(path, label) })),
    text: () => view.state.doc.toString(),
    focus: () => view.focus(),
    dispose: () => view.destroy(),
  };
}
