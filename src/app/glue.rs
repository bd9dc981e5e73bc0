//! What www/js offers: the terminal, the editor, the theme, and the worker that it has already started.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Element, Worker};

#[wasm_bindgen]
extern "C" {
    /// One xterm.js terminal.
    #[derive(Clone)]
    pub type Terminal;

    #[wasm_bindgen(js_namespace = drydock, js_name = createTerminal)]
    pub fn create_terminal(host: &Element, handlers: &JsValue, label: &str, paste_limit: u32, spoken: bool)
    -> Terminal;

    #[wasm_bindgen(method)]
    pub fn write(this: &Terminal, bytes: &Uint8Array, done: &JsValue);
    #[wasm_bindgen(method)]
    pub fn size(this: &Terminal) -> Array;
    #[wasm_bindgen(method)]
    pub fn focus(this: &Terminal);
    #[wasm_bindgen(method)]
    pub fn dictate(this: &Terminal, cols: u16, rows: u16);
    #[wasm_bindgen(method)]
    pub fn follow(this: &Terminal);
    #[wasm_bindgen(method, js_name = type)]
    pub fn type_text(this: &Terminal, text: &str);
    #[wasm_bindgen(method)]
    pub fn relabel(this: &Terminal, label: &str);
    #[wasm_bindgen(method)]
    pub fn speak(this: &Terminal, on: bool);
    #[wasm_bindgen(method)]
    pub fn find(this: &Terminal, text: &str, forward: bool) -> bool;
    #[wasm_bindgen(method, js_name = clearFind)]
    pub fn clear_find(this: &Terminal);
    #[wasm_bindgen(method)]
    pub fn dispose(this: &Terminal);

    /// One CodeMirror editor.
    #[derive(Clone)]
    pub type Editor;

    /// The editor comes by the handler `ready`, when its code has been fetched; `failed` hears where it cannot be.
    #[wasm_bindgen(js_namespace = drydock, js_name = createEditor)]
    pub fn create_editor(host: &Element, handlers: &JsValue);

    #[wasm_bindgen(method)]
    pub fn show(this: &Editor, path: &str, text: &str, label: &str);
    #[wasm_bindgen(method)]
    pub fn text(this: &Editor) -> String;
    #[wasm_bindgen(method, js_name = focus)]
    pub fn focus_editor(this: &Editor);
    #[wasm_bindgen(method, js_name = dispose)]
    pub fn dispose_editor(this: &Editor);

    #[wasm_bindgen(thread_local_v2, js_namespace = drydock, js_name = worker)]
    pub static WORKER: Worker;

    /// Copies, and tells whether the browser allowed it.
    #[wasm_bindgen(js_namespace = drydock, js_name = copyText)]
    pub fn copy_text(text: &str, done: &JsValue);

    /// Whether the browser shall ask before it leaves the page.
    #[wasm_bindgen(js_namespace = drydock)]
    pub fn guard(on: bool);

    #[wasm_bindgen(js_namespace = drydock, js_name = setTheme)]
    pub fn set_theme(choice: &str);
}

/// A JavaScript object of named handlers.
pub fn handlers<const N: usize>(named: [(&str, &JsValue); N]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, handler) in named {
        // Setting a property of a plain object cannot fail.
        let _ = js_sys::Reflect::set(&object, &name.into(), handler);
    }
    object.into()
}
