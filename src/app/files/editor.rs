//! The editor of the open file: CodeMirror, fetched when the first file is opened.

use super::{Act, Files, Open};
use crate::glue::{self, Editor};
use crate::i18n::fill;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::prelude::*;

/// The desk; a file is open on it.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The desk.
    pub files: Files,
}

struct Handlers {
    changed: Closure<dyn FnMut()>,
    save: Closure<dyn FnMut()>,
    ready: Closure<dyn FnMut(Editor)>,
    failed: Closure<dyn FnMut(String)>,
}

/// What the editor's closures need, as it is at the time of each call.
struct Desk {
    files: Files,
    editor: Option<Editor>,
}

fn save(files: &Files, editor: Option<&Editor>) {
    if let (Some(editor), Some(open)) = (editor, &files.desk.open) {
        files.save(&open.path, editor.text(), Callback::noop());
    }
}

fn show(files: &Files, editor: &Editor, open: &Open) {
    editor.show(&open.path, &open.shown, &fill(files.page.words().editor_label, &open.path));
}

/// Starts the editor; it appears in `desk` when its code has come.
fn mount(desk: &Rc<RefCell<Desk>>, host: &Element) -> Handlers {
    let handlers = Handlers {
        changed: Closure::new({
            let desk = desk.clone();
            move || {
                let (files, text) = {
                    let desk = desk.borrow();
                    (desk.files.clone(), desk.editor.as_ref().map(Editor::text))
                };
                if let Some(text) = text {
                    files.desk.dispatch(Act::Edited(text));
                }
            }
        }),
        save: Closure::new({
            let desk = desk.clone();
            move || {
                let (files, editor) = (desk.borrow().files.clone(), desk.borrow().editor.clone());
                save(&files, editor.as_ref());
            }
        }),
        ready: Closure::new({
            let desk = desk.clone();
            move |editor: Editor| {
                let files = desk.borrow().files.clone();
                if let Some(open) = &files.desk.open {
                    show(&files, &editor, open);
                    editor.focus_editor();
                }
                desk.borrow_mut().editor = Some(editor);
            }
        }),
        failed: Closure::new({
            let desk = desk.clone();
            move |_: String| {
                let files = desk.borrow().files.clone();
                files.desk.dispatch(Act::EditorFailed(files.page.words().editor_failed.to_owned()));
            }
        }),
    };
    let object = glue::handlers([
        ("changed", handlers.changed.as_ref()),
        ("save", handlers.save.as_ref()),
        ("ready", handlers.ready.as_ref()),
        ("failed", handlers.failed.as_ref()),
    ]);
    glue::create_editor(host, &object);
    handlers
}

/// The editor with its bar.
#[function_component]
pub fn EditorPane(props: &Props) -> Html {
    let files = &props.files;
    let words = files.page.words();
    let host = use_node_ref();
    let desk = use_mut_ref(|| Desk { files: files.clone(), editor: None });
    desk.borrow_mut().files = files.clone();
    use_effect_with((), {
        let (host, desk) = (host.clone(), desk.clone());
        move |()| {
            let handlers = host.cast::<Element>().map(|host| mount(&desk, &host));
            move || {
                if let Some(editor) = desk.borrow_mut().editor.take() {
                    editor.dispose_editor();
                }
                drop(handlers);
            }
        }
    });
    let Some(open) = files.desk.open.clone() else { return html! {} };
    use_effect_with(open.version, {
        let (desk, open) = (desk.clone(), open.clone());
        move |_| {
            let (files, editor) = (desk.borrow().files.clone(), desk.borrow().editor.clone());
            if let Some(editor) = editor {
                show(&files, &editor, &open);
            }
        }
    });
    let dirty = files.desk.drafts.contains_key(&open.path);
    let state = match (dirty, files.desk.just_saved) {
        (true, _) => words.unsaved,
        (false, true) => words.saved,
        (false, false) => "",
    };
    let onclick = Callback::from({
        let (files, desk) = (files.clone(), desk.clone());
        move |_: MouseEvent| {
            let editor = desk.borrow().editor.clone();
            save(&files, editor.as_ref());
        }
    });
    html! {
        <div class="editor">
            <div class="editor-bar">
                <span class="editor-path" title={open.path.clone()}>{ &open.path }</span>
                <span class="editor-state" role="status" data-dirty={dirty.to_string()}>{ state }</span>
                <button type="button" class="primary" disabled={!dirty} {onclick}>{ words.save }</button>
            </div>
            <div class="editor-host" ref={host}></div>
        </div>
    }
}
