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

/// Who asks: the token's name, or `local` where there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller(pub(super) String);

/// The tokens that are known. None known means that everything is allowed, which only a loopback address may have.
#[derive(Debug)]
pub(super) struct Auth {
    tokens: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    digest: String,
    name: String,
    scopes: Vec<Scope>,
}

impl Auth {
    /// The tokens of these settings.
    pub(super) fn new(settings: &Settings) -> Self {
        let known = |token: &super::settings::Token| Known {
            digest: token.sha256.to_string(),
            name: token.name.clone(),
            scopes: token.scopes.clone(),
        };
        Self { tokens: settings.tokens.iter().map(known).collect() }
    }

    /// Lets a caller in, or says why not. A wrong token and one that was taken back get the same answer, after the
    /// same work.
    pub(super) fn admit(&self, access: Access, headers: &HeaderMap) -> Result<Caller, Problem> {
        let anybody = || Caller("local".to_owned());
        let Access::Needs(scope) = access else { return Ok(anybody()) };
        if self.tokens.is_empty() {
            return Ok(anybody());
        }
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let credentials = given.next().ok_or_else(Problem::auth_missing)?;
        let token = bearer(credentials.as_bytes()).filter(|_| given.next().is_none());
        let known = token.and_then(|token| self.find(token)).ok_or_else(Problem::auth_invalid)?;
        if known.scopes.iter().any(|&held| held == scope || held == Scope::Admin) {
            Ok(Caller(known.name.clone()))
        } else {
            Err(Problem::scope_missing(scope))
        }
    }

    fn find(&self, token: &[u8]) -> Option<&Known> {
        let digest = Digest::of(token).to_string();
        let mut found = None;
        for known in &self.tokens {
            // No early end: how long this takes must not tell which token was near.
            if verify_slices_are_equal(known.digest.as_bytes(), digest.as_bytes()).is_ok() {
                found = Some(known);
            }
        }
        found
    }
}

fn bearer(credentials: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = credentials.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii()).filter(|token| !token.is_empty())
}
