//! resolve.
use std::net::IpAddr;
use super::ResolveError;
/// x
pub async fn resolve(sys: &crate::Sys, host: &str) -> Result<Vec<IpAddr>, ResolveError> {
    let _ = (sys, host);
    Err(ResolveError::NoName)
}
