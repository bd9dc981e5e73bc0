//! `set -o` and `shopt` options.

/// Options of `set`: name, letter, and the letter's place in `$-`.
pub const SET_OPTIONS: &[(&str, Option<char>)] = &[
    ("allexport", Some('a')),
    ("braceexpand", Some('B')),
    ("emacs", None),
    ("errexit", Some('e')),
    ("errtrace", Some('E')),
    ("functrace", Some('T')),
    ("hashall", Some('h')),
    ("histexpand", Some('H')),
    ("history", None),
    ("ignoreeof", None),
    ("interactive-comments", None),
    ("keyword", Some('k')),
    ("monitor", Some('m')),
    ("noclobber", Some('C')),
    ("noexec", Some('n')),
    ("noglob", Some('f')),
    ("nolog", None),
    ("notify", Some('b')),
    ("nounset", Some('u')),
    ("onecmd", Some('t')),
    ("physical", Some('P')),
    ("pipefail", None),
    ("posix", None),
    ("privileged", Some('p')),
    ("verbose", Some('v')),
    ("vi", None),
    ("xtrace", Some('x')),
];

/// Options of `shopt`, and whether bash begins with them on.
pub const SHELL_OPTIONS: &[(&str, bool)] = &[
    ("autocd", false),
    ("assoc_expand_once", false),
    ("cdable_vars", false),
    ("cdspell", false),
    ("checkhash", false),
    ("checkjobs", false),
    ("checkwinsize", true),
    ("cmdhist", true),
    ("compat31", false),
    ("compat32", false),
    ("compat40", false),
    ("compat41", false),
    ("compat42", false),
    ("compat43", false),
    ("compat44", false),
    ("complete_fullquote", true),
    ("direxpand", false),
    ("dirspell", false),
    ("dotglob", false),
    ("execfail", false),
    ("expand_aliases", false),
    ("extdebug", false),
    ("extglob", false),
    ("extquote", true),
    ("failglob", false),
    ("force_fignore", true),
    ("globasciiranges", true),
    ("globskipdots", true),
    ("globstar", false),
    ("gnu_errfmt", false),
    ("histappend", false),
    ("histreedit", false),
    ("histverify", false),
    ("hostcomplete", true),
    ("huponexit", false),
    ("inherit_errexit", false),
    ("interactive_comments", true),
    ("lastpipe", false),
    ("lithist", false),
    ("localvar_inherit", false),
    ("localvar_unset", false),
    ("login_shell", false),
    ("mailwarn", false),
    ("no_empty_cmd_completion", false),
    ("nocaseglob", false),
    ("nocasematch", false),
    ("noexpand_translation", false),
    ("nullglob", false),
    ("patsub_replacement", true),
    ("progcomp", true),
    ("progcomp_alias", false),
    ("promptvars", true),
    ("restricted_shell", false),
    ("shift_verbose", false),
    ("sourcepath", true),
    ("varredir_close", false),
    ("xpg_echo", false),
];

/// Which options are on.
#[derive(Clone, Debug)]
pub struct Settings {
    set: Vec<bool>,
    shell: Vec<bool>,
}

impl Default for Settings {
    fn default() -> Settings {
        let on = ["braceexpand", "hashall", "interactive-comments"];
        Settings {
            set: SET_OPTIONS.iter().map(|(name, _)| on.contains(name)).collect(),
            shell: SHELL_OPTIONS.iter().map(|(_, on)| *on).collect(),
        }
    }
}

impl Settings {
    /// Whether an option of `set` is on.
    pub fn is_set(&self, name: &str) -> bool {
        SET_OPTIONS.iter().zip(&self.set).any(|((known, _), on)| *known == name && *on)
    }

    /// Turns an option of `set` on or off; false if there is none of that name.
    pub fn set(&mut self, name: &str, on: bool) -> bool {
        change(SET_OPTIONS.iter().map(|(known, _)| *known), &mut self.set, name, on)
    }

    /// The option of `set` with that letter.
    pub fn by_letter(letter: char) -> Option<&'static str> {
        SET_OPTIONS.iter().find(|(_, known)| *known == Some(letter)).map(|(name, _)| *name)
    }

    /// Whether an option of `shopt` is on.
    pub fn shopt(&self, name: &str) -> bool {
        SHELL_OPTIONS.iter().zip(&self.shell).any(|((known, _), on)| *known == name && *on)
    }

    /// Turns an option of `shopt` on or off; false if there is none of that name.
    pub fn set_shopt(&mut self, name: &str, on: bool) -> bool {
        change(SHELL_OPTIONS.iter().map(|(known, _)| *known), &mut self.shell, name, on)
    }

    /// The letters of `$-`, without `i`, `s` and `c`.
    pub fn letters(&self) -> String {
        const ORDER: &str = "abefhkmnptuvxBCEHPT";
        let on = |letter: &char| Settings::by_letter(*letter).is_some_and(|name| self.is_set(name));
        ORDER.chars().filter(on).collect()
    }
}

fn change(names: impl Iterator<Item = &'static str>, values: &mut [bool], name: &str, on: bool) -> bool {
    for (known, value) in names.zip(values) {
        if known == name {
            *value = on;
            return true;
        }
    }
    false
}
