//! The classic builder.

use std::rc::Rc;

use super::Options;
use super::context::Context;
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::http::Reply;

/// Builds step by step.
pub async fn build(_: &Rc<Daemon>, _: &mut Reply, _: &Options, _: &Context) -> ApiResult<()> {
    Err(ApiError::not_emulated("the classic builder"))
}
