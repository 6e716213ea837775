//! Who may do what: bearer tokens and their scopes.

use super::problem::Problem;
use super::settings::{Scope, Settings};
use crate::digest::Digest;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, header};

/// What a route asks of its caller. Every route says it in the route table; there is no default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Nothing: the route tells no more than that the daemon is there.
    Open,
    /// A token with this scope, once there are tokens.
    Needs(Scope),
}

/// The tokens that are known. None known means that everything is allowed, which only a loopback address may have.
#[derive(Debug)]
pub(super) struct Auth {
    tokens: Vec<(String, Vec<Scope>)>,
}

impl Auth {
    /// The tokens of these settings.
    pub(super) fn new(settings: &Settings) -> Self {
        let known = |token: &super::settings::Token| (token.sha256.to_string(), token.scopes.clone());
        Self { tokens: settings.tokens.iter().map(known).collect() }
    }

    /// Lets a caller in, or says why not. A wrong token and one that was taken back get the same answer, after the
    /// same work.
    pub(super) fn admit(&self, access: Access, headers: &HeaderMap) -> Result<(), Problem> {
        let Access::Needs(scope) = access else { return Ok(()) };
        if self.tokens.is_empty() {
            return Ok(());
        }
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let credentials = given.next().ok_or_else(Problem::auth_missing)?;
        let token = bearer(credentials.as_bytes()).filter(|_| given.next().is_none());
        let scopes = token.and_then(|token| self.scopes_of(token)).ok_or_else(Problem::auth_invalid)?;
        if scopes.iter().any(|&held| held == scope || held == Scope::Admin) {
            Ok(())
        } else {
            Err(Problem::scope_missing(scope))
        }
    }

    fn scopes_of(&self, token: &[u8]) -> Option<&[Scope]> {
        let digest = Digest::of(token).to_string();
        let mut found = None;
        for (known, scopes) in &self.tokens {
            // No early end: how long this takes must not tell which token was near.
            if verify_slices_are_equal(known.as_bytes(), digest.as_bytes()).is_ok() {
                found = Some(scopes.as_slice());
            }
        }
        found
    }
}

fn bearer(credentials: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = credentials.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii()).filter(|token| !token.is_empty())
}
