//! The header: the name, the machine's time, and the choices that concern the whole page.

use crate::i18n::fill;
use crate::icons;
use crate::page::use_page;
use crate::prefs::{self, Theme};
use crate::state::{Action, Dialog, Pane};
use yew::prelude::*;

/// `1:05:09` of milliseconds.
pub fn clock(ms: f64) -> String {
    let seconds = (ms / 1000.0) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The header.
#[function_component]
pub fn Header() -> Html {
    let page = use_page();
    let words = page.words();
    let act = |action: fn() -> Action| {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.act(action()))
    };
    let language = page.state.language;
    let switch_language = Callback::from({
        let page = page.clone();
        move |_: MouseEvent| {
            prefs::set_language(page.state.language.other());
            page.act(Action::SwitchLanguage);
        }
    });
    let files_title = if page.state.files_shown { words.hide_files } else { words.show_files };
    html! {
        <header class="header">
            <h1 class="brand">{ icons::mark() }<span class="brand-name">{ "Drydock" }</span></h1>
            <p class="tagline">{ words.tagline }</p>
            <PaneSwitch />
            <div class="header-tools">
                <span class="clock" title={fill(words.virtual_time, clock(page.state.clock_ms))}>
                    { icons::clock() }<span class="visually-hidden">{ fill(words.virtual_time, "") }</span>{ clock(page.state.clock_ms) }
                </span>
                <button type="button" class="tool wide-only" aria-pressed={page.state.files_shown.to_string()} aria-label={words.files}
                    title={files_title} onclick={act(|| Action::ToggleFiles)}>{ icons::panes() }</button>
                <ThemeSwitch />
                <button type="button" class="tool language" lang={language.other().tag()} onclick={switch_language}>{ words.other_language }</button>
                <button type="button" class="tool" aria-label={words.help} title={words.help}
                    onclick={act(|| Action::SetDialog(Some(Dialog::Help)))}>{ icons::question() }</button>
                <button type="button" class="primary share" onclick={act(|| Action::SetDialog(Some(Dialog::Share)))}>
                    { icons::link() }<span>{ words.share }</span>
                </button>
            </div>
        </header>
    }
}

/// Terminals or files: only a narrow window shows it.
#[function_component]
fn PaneSwitch() -> Html {
    let page = use_page();
    let words = page.words();
    let choice = |pane: Pane, icon: Html, label: &'static str| {
        let chosen = page.state.pane == pane;
        let page = page.clone();
        let onclick = Callback::from(move |_: MouseEvent| page.act(Action::ShowPane(pane)));
        html! { <button type="button" aria-pressed={chosen.to_string()} {onclick}>{ icon }<span>{ label }</span></button> }
    };
    html! {
        <div class="pane-switch" role="group">
            { choice(Pane::Terminals, icons::prompt(), words.terminals) }
            { choice(Pane::Files, icons::file(), words.files) }
        </div>
    }
}

/// Light, dark, or as the system: one button that goes round.
#[function_component]
fn ThemeSwitch() -> Html {
    let page = use_page();
    let words = page.words();
    let theme = page.state.theme;
    let (icon, name) = match theme {
        Theme::Auto => (icons::half(), words.theme_auto),
        Theme::Light => (icons::sun(), words.theme_light),
        Theme::Dark => (icons::moon(), words.theme_dark),
    };
    let label = format!("{}: {name}", words.theme);
    let onclick = Callback::from({
        let page = page.clone();
        move |_: MouseEvent| {
            let next =
                Theme::ALL.iter().cycle().skip_while(|other| **other != theme).nth(1).copied().unwrap_or(Theme::Auto);
            prefs::set_theme(next);
            page.act(Action::SetTheme(next));
        }
    });
    html! { <button type="button" class="tool theme" aria-label={label.clone()} title={label} {onclick}>{ icon }</button> }
}
