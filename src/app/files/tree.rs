//! The tree of files.

use super::{Act, Files, ROOT};
use crate::icons;
use serde::Deserialize;
use yew::prelude::*;

/// A file or folder in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// True for a folder.
    pub dir: bool,
}

/// A folder's items as the worker tells them, folders first.
pub fn items(text: &str) -> Vec<Item> {
    let mut items: Vec<Item> = serde_json::from_str(text).unwrap_or_default();
    items.sort_by(|a, b| b.dir.cmp(&a.dir).then_with(|| a.name.cmp(&b.name)));
    items
}

/// The desk.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The desk.
    pub files: Files,
}

/// The tree.
#[function_component]
pub fn Tree(props: &Props) -> Html {
    let files = &props.files;
    let empty = files.desk.folders.get(ROOT).is_none_or(Vec::is_empty);
    html! {
        <div class="tree">
            if empty {
                <p class="tree-empty">{ files.page.words().folder_empty }</p>
            } else {
                { folder(files, ROOT, 0) }
            }
        </div>
    }
}

/// Folders deeper than this are not drawn: a loop of mounts must not draw for ever.
const MAX_DEPTH: usize = 12;

fn folder(files: &Files, path: &str, depth: usize) -> Html {
    let items = files.desk.folders.get(path).map(Vec::as_slice).unwrap_or_default();
    if depth > MAX_DEPTH {
        return html! {};
    }
    html! {
        <ul>
            { for items.iter().map(|item| {
                let path = format!("{path}/{}", item.name);
                html! { <li key={path.clone()}>{ if item.dir { branch(files, item, &path, depth) } else { leaf(files, item, &path, depth) } }</li> }
            }) }
        </ul>
    }
}

fn branch(files: &Files, item: &Item, path: &str, depth: usize) -> Html {
    let open = files.desk.expanded.contains(path);
    let onclick = Callback::from({
        let (files, path) = (files.clone(), path.to_owned());
        move |_: MouseEvent| {
            files.desk.dispatch(Act::Toggle(path.clone()));
            files.list(&path);
        }
    });
    html! {
        <>
            <button type="button" class="node" style={indent(depth)} aria-expanded={open.to_string()} {onclick}>
                { icons::folder(open) }<span>{ &item.name }</span>
            </button>
            if open {
                { folder(files, path, depth + 1) }
            }
        </>
    }
}

fn leaf(files: &Files, item: &Item, path: &str, depth: usize) -> Html {
    let current = files.desk.open.as_ref().is_some_and(|open| open.path == path);
    let draft = files.desk.drafts.contains_key(path);
    let onclick = Callback::from({
        let (files, path) = (files.clone(), path.to_owned());
        move |_: MouseEvent| files.load(&path, true)
    });
    html! {
        <button type="button" class="node" style={indent(depth)} aria-current={current.then_some("true")} {onclick}>
            { icons::file() }<span>{ &item.name }</span>
            if draft {
                <span class="draft" title={files.page.words().unsaved}><span class="visually-hidden">{ files.page.words().unsaved }</span></span>
            }
        </button>
    }
}

fn indent(depth: usize) -> String {
    format!("--depth: {depth}")
}
