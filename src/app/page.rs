//! What every part of the page works with: the state, and the engine in its worker.

use crate::engine::Engine;
use crate::state::{Action, State};
use yew::prelude::*;

/// The state and the worker, as every part gets them.
#[derive(Clone, PartialEq)]
pub struct Page {
    /// The state.
    pub state: UseReducerHandle<State>,
    /// The worker.
    pub engine: Engine,
}

impl Page {
    /// Changes the state.
    pub fn act(&self, action: Action) {
        self.state.dispatch(action);
    }

    /// The words of the language in use.
    pub fn words(&self) -> &'static crate::i18n::Words {
        self.state.language.words()
    }

    /// Puts the focus into the terminal in front.
    pub fn focus_terminal(&self) {
        if let Some(terminal) = self.engine.terminal(&self.state.active) {
            terminal.focus();
        }
    }
}

/// The page's context; every part is drawn below [`App`], which provides it.
#[hook]
pub fn use_page() -> Page {
    use_context::<Page>().expect("parts are drawn below App")
}
