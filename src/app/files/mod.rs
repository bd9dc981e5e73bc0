//! The files of the host, beside the terminal: a tree of /root and an editor. It keeps what is not saved yet for every
//! file, so that looking at another loses nothing.

mod editor;
mod new_file;
mod tree;

use crate::engine::Answer;
use crate::icons;
use crate::page::use_page;
use editor::EditorPane;
use js_sys::Uint8Array;
use new_file::NewFile;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tree::{Item, Tree};
use wasm_bindgen::prelude::*;
use yew::prelude::*;

/// The tree starts here: root's home.
pub const ROOT: &str = "/root";
/// Larger files are not for editing by hand.
const MAX_EDIT: u32 = 256 * 1024;

/// A file that is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// Where it lies.
    pub path: String,
    /// What the machine has.
    pub saved: String,
    /// Counts the times that the editor must take `shown` over.
    pub version: u32,
    /// What the editor starts with: a draft, or what the machine has.
    pub shown: String,
}

/// What the pane knows.
#[derive(Clone, Default, PartialEq)]
pub struct Desk {
    /// Folders that were listed.
    pub folders: BTreeMap<String, Vec<Item>>,
    /// Folders that stand open.
    pub expanded: BTreeSet<String>,
    /// The file in the editor.
    pub open: Option<Open>,
    /// What was typed and not saved, by path.
    pub drafts: BTreeMap<String, String>,
    /// Why the last thing did not work.
    pub trouble: Option<String>,
    /// True from a save until the next change.
    pub just_saved: bool,
    versions: u32,
}

/// What happens at the desk.
pub enum Act {
    /// A folder's items came.
    Listed(String, Vec<Item>),
    /// A folder was opened or closed.
    Toggle(String),
    /// A file's content came: put it into the editor; the flag says that the reader asked for it.
    Loaded(String, String, bool),
    /// The editor's text changed.
    Edited(String),
    /// A file was saved with this text.
    Saved(String, String),
    /// Something did not work.
    Trouble(String),
    /// There is no editor to show the file in.
    EditorFailed(String),
}

impl Reducible for Desk {
    type Action = Act;

    fn reduce(self: Rc<Self>, act: Act) -> Rc<Self> {
        let mut desk = (*self).clone();
        match act {
            Act::Listed(path, items) => {
                if desk.folders.get(&path) == Some(&items) {
                    return self;
                }
                desk.folders.insert(path, items);
            }
            Act::Toggle(path) => {
                if !desk.expanded.remove(&path) {
                    desk.expanded.insert(path);
                }
            }
            Act::Loaded(path, text, asked) => {
                let same = desk.open.as_ref().is_some_and(|open| open.path == path && open.saved == text);
                let elsewhere = desk.open.as_ref().is_none_or(|open| open.path != path);
                if same || (!asked && (elsewhere || desk.drafts.contains_key(&path))) {
                    return self;
                }
                desk.show(path, text);
            }
            Act::Edited(text) => {
                let Some(open) = &desk.open else { return self };
                desk.just_saved = false;
                if open.saved == text {
                    desk.drafts.remove(&open.path);
                } else {
                    desk.drafts.insert(open.path.clone(), text);
                }
            }
            Act::Saved(path, text) => {
                desk.trouble = None;
                if desk.drafts.get(&path) == Some(&text) {
                    desk.drafts.remove(&path);
                }
                match &mut desk.open {
                    Some(open) if open.path == path => {
                        open.saved = text;
                        desk.just_saved = true;
                    }
                    _ => {}
                }
            }
            Act::Trouble(text) => desk.trouble = Some(text),
            Act::EditorFailed(text) => (desk.trouble, desk.open) = (Some(text), None),
        }
        desk.into()
    }
}

impl Desk {
    fn show(&mut self, path: String, saved: String) {
        self.versions += 1;
        self.trouble = None;
        self.just_saved = false;
        let shown = self.drafts.get(&path).unwrap_or(&saved).clone();
        self.open = Some(Open { path, saved, version: self.versions, shown });
    }
}

/// The desk, and how its parts reach the machine.
#[derive(Clone, PartialEq)]
pub struct Files {
    /// The desk.
    pub desk: UseReducerHandle<Desk>,
    /// The page.
    pub page: crate::page::Page,
}

impl Files {
    /// Asks for a folder's items.
    pub fn list(&self, path: &str) {
        let dispatcher = self.desk.dispatcher();
        let folder = path.to_owned();
        self.page.engine.list(
            path,
            Callback::from(move |answer: Answer| {
                // A folder that has gone is empty.
                let text = answer.ok().and_then(|value| value.as_string()).unwrap_or_default();
                dispatcher.dispatch(Act::Listed(folder.clone(), tree::items(&text)));
            }),
        );
    }

    /// Asks for a file's content.
    pub fn load(&self, path: &str, asked: bool) {
        let (dispatcher, words, path) = (self.desk.dispatcher(), self.page.words(), path.to_owned());
        let name = path.clone();
        self.page.engine.read(
            &path,
            Callback::from(move |answer: Answer| {
                let loaded = answer.map_err(|error| crate::i18n::fill(words.open_failed, error)).and_then(|value| {
                    let bytes: Uint8Array = value.unchecked_into();
                    if bytes.length() > MAX_EDIT {
                        return Err(crate::i18n::fill(words.file_too_large, &name));
                    }
                    String::from_utf8(bytes.to_vec()).map_err(|_| crate::i18n::fill(words.not_text, &name))
                });
                match loaded {
                    Ok(text) => dispatcher.dispatch(Act::Loaded(name.clone(), text, asked)),
                    Err(trouble) if asked => dispatcher.dispatch(Act::Trouble(trouble)),
                    Err(_) => {}
                }
            }),
        );
    }

    /// Writes a file; `then` hears when the machine has it.
    pub fn save(&self, path: &str, text: String, then: Callback<()>) {
        let (dispatcher, words) = (self.desk.dispatcher(), self.page.words());
        let (name, files) = (path.to_owned(), self.clone());
        if text.len() > MAX_EDIT as usize {
            return self.desk.dispatch(Act::Trouble(crate::i18n::fill(words.file_too_large, path)));
        }
        let data = text.clone().into_bytes();
        self.page.engine.write(
            path,
            &data,
            Callback::from(move |answer: Answer| match answer {
                Ok(_) => {
                    dispatcher.dispatch(Act::Saved(name.clone(), text.clone()));
                    files.refresh();
                    then.emit(());
                }
                Err(error) => dispatcher.dispatch(Act::Trouble(crate::i18n::fill(words.save_failed, error))),
            }),
        );
    }

    /// Looks again at what is shown: commands change files too.
    pub fn refresh(&self) {
        self.list(ROOT);
        self.desk.expanded.iter().for_each(|path| self.list(path));
        if let Some(open) = &self.desk.open {
            self.load(&open.path, false);
        }
    }
}

/// The right pane.
#[function_component]
pub fn FilesPane() -> Html {
    let page = use_page();
    let words = page.words();
    let desk = use_reducer(Desk::default);
    let files = Files { desk, page: page.clone() };
    let creating = use_state(|| None::<String>);
    use_effect_with(page.state.quiet, {
        let files = files.clone();
        move |_| files.refresh()
    });
    let start = |path: &'static str| {
        let creating = creating.clone();
        Callback::from(move |_: MouseEvent| creating.set(Some(path.to_owned())))
    };
    let done = Callback::from({
        let creating = creating.clone();
        move |()| creating.set(None)
    });
    html! {
        <section class="files" aria-label={words.files}>
            <div class="files-bar">
                <h2>{ words.files }<span class="files-root">{ ROOT }</span></h2>
                <button type="button" class="tool" aria-label={words.new_file} title={words.new_file} onclick={start("/root/")}>{ icons::plus() }</button>
            </div>
            if let Some(path) = &*creating {
                <NewFile files={files.clone()} path={path.clone()} {done} />
            }
            <Tree files={files.clone()} />
            if let Some(trouble) = &files.desk.trouble {
                <p class="trouble" role="alert">{ trouble }</p>
            }
            if files.desk.open.is_some() {
                <EditorPane files={files.clone()} />
            } else {
                <div class="no-file">
                    <h3>{ words.no_file_title }</h3>
                    <p>{ words.no_file_text }</p>
                    <p class="suggestions">
                        <button type="button" class="quiet" onclick={start("/root/Dockerfile")}>{ "Dockerfile" }</button>
                        <button type="button" class="quiet" onclick={start("/root/redis.conf")}>{ "redis.conf" }</button>
                    </p>
                </div>
            }
        </section>
    }
}
