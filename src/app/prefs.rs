//! What the browser remembers of a reader's choices. All of it is optional: storage may be forbidden.

use crate::i18n::Language;
use web_sys::Storage;

/// The appearance that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Theme; 3] = [Theme::Auto, Theme::Light, Theme::Dark];

    /// Its name in storage and in www/js/theme.js.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
}

const LANGUAGE: &str = "drydock.language";
const THEME: &str = "drydock.theme";
const SPLIT: &str = "drydock.split";
const SPOKEN: &str = "drydock.spoken";
/// In the storage of this tab, which ends with it.
const LAST_SESSION: &str = "drydock.session";
/// There where the next start shall go on with it; www/js/boot.js looks too.
const RESTORE: &str = "drydock.restore";

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok()?
}

fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

fn set(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full or forbidden storage only means that the choice is not remembered.
        let _ = storage.set_item(key, value);
    }
}

/// The chosen language, else the browser's.
pub fn language() -> Language {
    let browser = || web_sys::window().and_then(|window| window.navigator().language());
    Language::of_tag(&get(LANGUAGE).or_else(browser).unwrap_or_default())
}

/// Remembers a language.
pub fn set_language(language: Language) {
    set(LANGUAGE, language.tag());
}

/// The chosen appearance.
pub fn theme() -> Theme {
    let stored = get(THEME);
    Theme::ALL.into_iter().find(|theme| Some(theme.name()) == stored.as_deref()).unwrap_or(Theme::Auto)
}

/// Remembers an appearance.
pub fn set_theme(theme: Theme) {
    set(THEME, theme.name());
}

/// The terminals' share of the width, in percent.
pub fn split() -> Option<f64> {
    get(SPLIT)?.parse().ok()
}

/// Remembers the terminals' share of the width.
pub fn set_split(percent: f64) {
    set(SPLIT, &format!("{percent:.1}"));
}

/// Whether the terminals' text is kept for screen readers.
pub fn spoken() -> bool {
    get(SPOKEN).as_deref() == Some("yes")
}

/// Remembers that.
pub fn set_spoken(spoken: bool) {
    set(SPOKEN, if spoken { "yes" } else { "no" });
}

fn tab_storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// The link of the session that this tab held before the page was loaded again.
pub fn last_session() -> Option<String> {
    tab_storage()?.get_item(LAST_SESSION).ok()?
}

/// Remembers the session as far as it has come.
pub fn set_last_session(link: &str) {
    if let Some(storage) = tab_storage() {
        // A full or forbidden storage only means that a reload starts afresh.
        let _ = storage.set_item(LAST_SESSION, link);
    }
}

/// Has the page go on with the last session when it is loaded next.
pub fn restore_next() {
    if let Some(storage) = tab_storage() {
        let _ = storage.set_item(RESTORE, "yes");
    }
}

/// The session to go on with, if that was asked for. It is asked for once.
pub fn take_restore() -> Option<String> {
    let storage = tab_storage()?;
    storage.get_item(RESTORE).ok()??;
    storage.remove_item(RESTORE).ok()?;
    last_session()
}
