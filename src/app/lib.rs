//! The Yew page: terminals, files, links. It sees the machine only as messages from the worker (see `engine`), and is
//! the only room that names web_sys.

mod app;
mod dialogs;
mod engine;
mod files;
mod glue;
mod header;
mod i18n;
mod icons;
mod input_line;
mod page;
mod prefs;
mod replay;
mod search_bar;
mod splitter;
mod state;
mod terminal;
mod terminals;
mod toasts;

use wasm_bindgen::prelude::*;

/// Draws the page.
#[wasm_bindgen(start)]
pub fn start() {
    let root =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id("app"));
    if let Some(root) = root {
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
