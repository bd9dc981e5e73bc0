//! Refusals of the Engine API: an HTTP status and the daemon's text.

use machine::Errno;

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// What the client shows behind `Error response from daemon: `.
    pub message: String,
}

/// What a handler gives.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// Any status.
    pub fn new(status: u16, message: impl Into<String>) -> ApiError {
        ApiError { status, message: message.into() }
    }

    /// 304: nothing to do.
    pub fn not_modified() -> ApiError {
        ApiError::new(304, "")
    }

    /// 400: the request makes no sense.
    pub fn bad(message: impl Into<String>) -> ApiError {
        ApiError::new(400, message)
    }

    /// 403.
    pub fn forbidden(message: impl Into<String>) -> ApiError {
        ApiError::new(403, message)
    }

    /// 404.
    pub fn not_found(message: impl Into<String>) -> ApiError {
        ApiError::new(404, message)
    }

    /// 409: the state forbids it.
    pub fn conflict(message: impl Into<String>) -> ApiError {
        ApiError::new(409, message)
    }

    /// 500.
    pub fn internal(message: impl Into<String>) -> ApiError {
        ApiError::new(500, message)
    }

    /// What is not emulated says so.
    pub fn not_emulated(what: &str) -> ApiError {
        ApiError::new(501, format!("drydock: {what} is not emulated here"))
    }
}

impl From<Errno> for ApiError {
    fn from(error: Errno) -> ApiError {
        // Go's texts of error numbers begin with a small letter.
        ApiError::internal(go_errno(error))
    }
}

/// An error number's text as Go's `syscall.Errno` gives it.
pub fn go_errno(error: Errno) -> String {
    let text = error.message();
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
