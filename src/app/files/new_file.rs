//! The form for a new file.

use super::{Files, ROOT};
use crate::engine::Answer;
use crate::i18n::fill;
use crate::state::Action;
use web_sys::{HtmlInputElement, SubmitEvent};
use yew::prelude::*;

/// The desk, where the form starts, and who hears when it is done.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The desk.
    pub files: Files,
    /// What stands in the field first.
    pub path: String,
    /// Hears when the form can go.
    pub done: Callback<()>,
}

/// The path that was meant: relative ones lie below root's home. `None` where it names no file below it.
fn meant(text: &str) -> Option<String> {
    let text = text.trim();
    let path = if text.starts_with('/') { text.to_owned() } else { format!("{ROOT}/{text}") };
    let inside = path.strip_prefix(ROOT)?.strip_prefix('/')?;
    let plain = inside.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    plain.then_some(path)
}

/// The form.
#[function_component]
pub fn NewFile(props: &Props) -> Html {
    let words = props.files.page.words();
    let input = use_node_ref();
    let wrong = use_state(|| false);
    use_effect_with(props.path.clone(), {
        let input = input.clone();
        move |path: &String| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.set_value(path);
                let _ = input.focus();
            }
        }
    });
    let onsubmit = Callback::from({
        let (files, input, wrong, done) = (props.files.clone(), input.clone(), wrong.clone(), props.done.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let text = input.cast::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default();
            match meant(&text) {
                Some(path) => {
                    create(&files, path);
                    done.emit(());
                }
                None => wrong.set(true),
            }
        }
    });
    let cancel = Callback::from({
        let done = props.done.clone();
        move |_: MouseEvent| done.emit(())
    });
    let onkeydown = Callback::from({
        let done = props.done.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                done.emit(());
            }
        }
    });
    html! {
        <form class="new-file" {onsubmit} {onkeydown}>
            <input ref={input} type="text" aria-label={words.file_path} aria-invalid={wrong.to_string()} autocomplete="off" autocapitalize="off" spellcheck="false" />
            <button type="submit" class="primary">{ words.create }</button>
            <button type="button" class="quiet" onclick={cancel}>{ words.cancel }</button>
            if *wrong {
                <p class="trouble" role="alert">{ words.bad_path }</p>
            }
        </form>
    }
}

/// Makes an empty file and opens it; a file that is there already is only opened.
fn create(files: &Files, path: String) {
    let files = files.clone();
    let engine = files.page.engine.clone();
    engine.read(
        &path.clone(),
        Callback::from(move |answer: Answer| {
            if answer.is_ok() {
                let words = files.page.words();
                files.page.act(Action::Say(fill(words.file_exists, &path), false));
                return files.load(&path, true);
            }
            let (opened, name) = (files.clone(), path.clone());
            files.save(&path, String::new(), Callback::from(move |()| opened.load(&name, true)));
        }),
    );
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn a_new_file_lies_below_root_s_home() {
        assert_eq!(meant("Dockerfile").as_deref(), Some("/root/Dockerfile"));
        assert_eq!(meant(" /root/a/redis.conf ").as_deref(), Some("/root/a/redis.conf"));
        for bad in ["", "/root", "/root/", "/rooted/a", "/etc/passwd", "a/", "../a", "/root/a//b", "/root/./a"] {
            assert_eq!(meant(bad), None, "{bad}");
        }
    }
}
