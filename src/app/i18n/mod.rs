//! The page's words, one table a language; a missing one does not compile.

mod en;
mod ko;

pub use en::EN;
pub use ko::KO;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Korean.
    Ko,
}

impl Language {
    /// Its tag in HTML and in the browser's preferences.
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Ko => "ko",
        }
    }

    /// The language of a tag such as `ko-KR`; English for those that the page does not speak.
    pub fn of_tag(tag: &str) -> Language {
        if tag == "ko" || tag.starts_with("ko-") { Language::Ko } else { Language::En }
    }

    /// Its words.
    pub fn words(self) -> &'static Words {
        match self {
            Language::En => &EN,
            Language::Ko => &KO,
        }
    }

    /// The other one.
    pub fn other(self) -> Language {
        match self {
            Language::En => Language::Ko,
            Language::Ko => Language::En,
        }
    }
}

/// Everything the page says itself. `{}` stands for what a sentence is about.
#[allow(missing_docs, reason = "each name says which text it is")]
pub struct Words {
    pub tagline: &'static str,
    pub share: &'static str,
    pub help: &'static str,
    pub close: &'static str,
    pub dismiss: &'static str,
    pub theme: &'static str,
    pub theme_auto: &'static str,
    pub theme_light: &'static str,
    pub theme_dark: &'static str,
    pub other_language: &'static str,
    pub terminals: &'static str,
    pub terminal: &'static str,
    pub terminal_label: &'static str,
    pub new_terminal: &'static str,
    pub close_terminal: &'static str,
    pub too_many_terminals: &'static str,
    pub files: &'static str,
    pub show_files: &'static str,
    pub hide_files: &'static str,
    pub resize_panes: &'static str,
    pub new_file: &'static str,
    pub file_path: &'static str,
    pub file_exists: &'static str,
    pub bad_path: &'static str,
    pub create: &'static str,
    pub cancel: &'static str,
    pub save: &'static str,
    pub saved: &'static str,
    pub unsaved: &'static str,
    pub save_failed: &'static str,
    pub open_failed: &'static str,
    pub editor_failed: &'static str,
    pub not_text: &'static str,
    pub file_too_large: &'static str,
    pub no_file_title: &'static str,
    pub no_file_text: &'static str,
    pub folder_empty: &'static str,
    pub editor_label: &'static str,
    pub suggestions: &'static str,
    pub input_line: &'static str,
    pub input_line_label: &'static str,
    pub input_line_hint: &'static str,
    pub send: &'static str,
    pub key_interrupt: &'static str,
    pub key_tab: &'static str,
    pub key_up: &'static str,
    pub key_down: &'static str,
    pub search: &'static str,
    pub search_next: &'static str,
    pub search_previous: &'static str,
    pub search_none: &'static str,
    pub paste_refused: &'static str,
    pub virtual_time: &'static str,
    pub share_title: &'static str,
    pub share_text: &'static str,
    pub share_link: &'static str,
    pub share_copy: &'static str,
    pub share_copied: &'static str,
    pub share_copy_failed: &'static str,
    pub share_characters: &'static str,
    pub share_too_long: &'static str,
    pub replay_title: &'static str,
    pub replay_text: &'static str,
    pub replay_other_build: &'static str,
    pub replay_cancel: &'static str,
    pub replay_done: &'static str,
    pub link_truncated: &'static str,
    pub link_corrupt: &'static str,
    pub link_too_new: &'static str,
    pub link_too_large: &'static str,
    pub failed_title: &'static str,
    pub failed_text: &'static str,
    pub failed_restart: &'static str,
    pub missing_title: &'static str,
    pub missing_text: &'static str,
    pub missing_reload: &'static str,
    pub waiting_title: &'static str,
    pub waiting_text: &'static str,
    pub restore: &'static str,
    pub help_title: &'static str,
    pub help_what: &'static str,
    pub help_nothing_breaks: &'static str,
    pub help_keys: &'static str,
    pub help_copy: &'static str,
    pub help_paste: &'static str,
    pub help_search: &'static str,
    pub help_panes: &'static str,
    pub help_switch: &'static str,
    pub help_save: &'static str,
    pub help_spoken: &'static str,
}

/// `text` with its `{}` filled in.
pub fn fill(text: &str, value: impl std::fmt::Display) -> String {
    text.replacen("{}", &value.to_string(), 1)
}
