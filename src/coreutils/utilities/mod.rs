//! One file for each utility.

pub mod basename;
pub mod cat;
pub mod clear;
pub mod date;
pub mod dirname;
pub mod env;
pub mod head;
pub mod hostname;
pub mod id;
pub mod mkdir;
pub mod nproc;
pub mod printenv;
pub mod pwd;
pub mod rmdir;
pub mod seq;
pub mod sleep;
pub mod tee;
pub mod touch;
pub mod truth;
pub mod tty;
pub mod uname;
pub mod wc;
pub mod whoami;
pub mod yes;
