//! Nobody gets past the doors without authority, and no page of another site writes: over every route there is.

use super::world::{World, fine};
use crate::digest::Digest;
use crate::http::auth::Access;
use crate::http::routes::{self, Route};
use crate::http::server::ServerLimits;
use crate::http::settings::{Scope, Settings, Token};
use axum::http::Method;
use axum::routing::{MethodFilter, on};

/// Every route of the real table with its own access, whose handler only says that it was reached.
fn reached() -> Vec<Route<()>> {
    let stand_in = |route: Route<_>| {
        let filter = MethodFilter::try_from(route.method.clone()).unwrap();
        Route { method: route.method, path: route.path, access: route.access, handler: on(filter, async || "reached") }
    };
    routes::table().into_iter().map(stand_in).collect()
}

fn token(name: &str, scopes: Vec<Scope>) -> Token {
    Token { name: name.into(), sha256: Digest::of(name.as_bytes()), scopes }
}

/// For each scope a token that has it alone, named as the scope, and one that has every other but `admin`.
fn tokens() -> Settings {
    let single = Scope::ALL.map(|scope| token(scope.as_str(), vec![scope]));
    let all_but = Scope::ALL.map(|missing| {
        let scopes = Scope::ALL.into_iter().filter(|&scope| scope != missing && scope != Scope::Admin).collect();
        token(&format!("all-but-{}", missing.as_str()), scopes)
    });
    Settings { tokens: [single, all_but].concat(), ..Settings::default() }
}

/// Method and path as a request spells them.
fn asked(route: &Route<()>) -> (String, String) {
    (route.method.to_string(), route.path.replace("{id}", "al_00000000000000000000000000").replace("{name}", "chat"))
}

#[tokio::test]
async fn every_route_asks_for_its_scope_and_for_no_other() {
    let world = World::start(reached(), tokens(), ServerLimits::default()).await;
    for route in reached() {
        let (method, path) = asked(&route);
        let send = async |headers: &[&str]| world.send(&method, &path, headers, "").await;
        let Access::Needs(scope) = route.access else {
            assert_eq!(send(&[]).await.body, "reached", "{path} is open");
            continue;
        };
        let answer = send(&[]).await;
        assert_eq!(answer.refusal(), (401, "auth_missing".into()), "{method} {path}");
        assert!(answer.head.contains("www-authenticate: bearer"), "{answer:?}");
        let mut wrong = Vec::new();
        for credentials in ["Bearer stolen", "Bearer ", "Basic aW5nZXN0", "ingest", "Bearer ingest read"] {
            let answer = send(&[&format!("authorization: {credentials}")]).await;
            assert_eq!(answer.refusal(), (401, "auth_invalid".into()), "{credentials} at {method} {path}");
            wrong.push(answer.body);
        }
        assert!(wrong.windows(2).all(|pair| pair[0] == pair[1]), "one text for every wrong token");
        let twice = send(&["authorization: Bearer admin", "authorization: Bearer admin"]).await;
        assert_eq!(twice.status, 401);
        let powerless = send(&[&format!("authorization: Bearer all-but-{}", scope.as_str())]).await;
        assert_eq!(powerless.refusal(), (403, "scope_missing".into()), "{method} {path}");
        assert_eq!(powerless.problem()["scope"], scope.as_str());
        for holder in [scope.as_str(), "admin"] {
            let answer = send(&[&format!("authorization: bearer {holder}")]).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, "reached"), "{holder} at {method} {path}");
        }
    }
}

#[test]
fn only_routes_that_tell_nothing_are_open() {
    let open: Vec<(Method, &str)> =
        routes::table().into_iter().filter(|r| r.access == Access::Open).map(|r| (r.method, r.path)).collect();
    assert_eq!(open, [(Method::GET, "/"), (Method::GET, "/healthz"), (Method::GET, "/readyz")]);
}

#[tokio::test]
async fn without_tokens_loopback_may_do_everything() {
    let world = World::start(reached(), Settings::default(), ServerLimits::default()).await;
    for route in reached() {
        let (method, path) = asked(&route);
        assert_eq!(world.send(&method, &path, &[], "").await.body, "reached", "{method} {path}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_cannot_write_whatever_it_sends() {
    for settings in [Settings::default(), tokens()] {
        let world = World::start(reached(), settings, ServerLimits::default()).await;
        let port = world.address.port();
        for route in reached().iter().filter(|route| route.method != Method::GET) {
            let (method, path) = asked(route);
            for content_type in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
                for foreign in [
                    "origin: https://evil.example",
                    "origin: null",
                    "origin: chrome-extension://abcdef",
                    "origin: http://localhost:3000",
                    "origin: http://localhost.evil.example",
                    "sec-fetch-site: cross-site",
                    "sec-fetch-site: same-site",
                ] {
                    let headers = [
                        foreign,
                        &format!("content-type: {content_type}"),
                        &format!("host: localhost:{port}"),
                        "authorization: Bearer admin",
                        "cookie: session=stolen",
                    ];
                    let answer = world.send(&method, &path, &headers, "{}").await;
                    assert_eq!(answer.refusal(), (403, "origin_not_allowed".into()), "{foreign} at {method} {path}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_daemons_own_pages_and_programs_may_write() {
    let settings = Settings { hosts: vec!["quell.example.com".into()], ..Settings::default() };
    let world = World::start(reached(), settings, ServerLimits::default()).await;
    let port = world.address.port();
    let own = [
        vec![format!("host: localhost:{port}")],
        vec![format!("host: localhost:{port}"), format!("origin: http://localhost:{port}")],
        vec![format!("host: LOCALHOST.:{port}"), format!("origin: http://localhost:{port}")],
        vec!["host: localhost".into(), "origin: http://localhost:80".into(), "sec-fetch-site: same-origin".into()],
        vec![format!("host: [::1]:{port}"), format!("origin: http://[::1]:{port}"), "sec-fetch-site: none".into()],
        vec!["host: quell.example.com".into(), "origin: https://quell.example.com".into()],
        // a proxy that puts its own name for us into `Host`
        vec![format!("host: 127.0.0.1:{port}"), "origin: https://quell.example.com".into()],
    ];
    for headers in own {
        let lines: Vec<&str> = headers.iter().map(String::as_str).collect();
        let answer = world.send("POST", "/api/v1/alerts", &lines, "{}").await;
        assert_eq!(answer.body, "reached", "{headers:?}");
    }
}

#[tokio::test]
async fn only_the_daemons_own_names_are_answered() {
    let hosts = vec!["quell.example.com".into(), "proxy.example.com:8443".into()];
    let world = World::start(vec![fine()], Settings { hosts, ..Settings::default() }, ServerLimits::default()).await;
    for own in [
        "localhost",
        "localhost:1",
        "LocalHost.:8642",
        "app.localhost",
        "127.0.0.1",
        "127.8.9.10:99",
        "[::1]",
        "[::1]:8642",
        "[::ffff:127.0.0.1]",
        "quell.example.com",
        "QUELL.example.com:8642",
        "proxy.example.com:8443",
    ] {
        let answer = world.send("GET", "/fine", &[&format!("host: {own}")], "").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "fine"), "{own}");
    }
    for foreign in [
        "evil.example",
        "localhost.evil.example",
        "evil-localhost",
        "127.0.0.1.evil.example",
        "192.0.2.7",
        "[2001:db8::1]:8642",
        "proxy.example.com",
        "proxy.example.com:1",
        "user@localhost",
        "localhost:",
        "[::1",
        "localhost:port",
        "localhost:99999",
        "",
        "2130706433",
        "127.1",
    ] {
        let answer = world.send("GET", "/fine", &[&format!("host: {foreign}")], "").await;
        assert_eq!(answer.refusal(), (421, "host_not_allowed".into()), "`{foreign}`");
    }
    let in_line = world.send("GET", "http://evil.example/fine", &["host: localhost"], "").await;
    assert_eq!(in_line.refusal(), (421, "host_not_allowed".into()));
    let twice = world.send("GET", "/fine", &["host: localhost", "host: localhost"], "").await;
    assert_eq!(twice.refusal(), (400, "host_missing".into()));
    let none = world.say("GET /fine HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    assert_eq!(none.refusal(), (400, "host_missing".into()));
    let nowhere = world.send("GET", "/nothing", &["host: evil.example"], "").await;
    assert_eq!(nowhere.refusal(), (421, "host_not_allowed".into()), "unknown paths are guarded too");
}

#[test]
fn listening_everywhere_any_address_of_the_machine_is_its_name() {
    let guard = |listen: &str| {
        crate::http::guard::Guard::new(&Settings { listen: listen.parse().unwrap(), ..Settings::default() })
    };
    let check = |guard: &crate::http::guard::Guard, host: &str| {
        let headers = [(axum::http::header::HOST, host.parse().unwrap())].into_iter().collect();
        guard.check(&Method::GET, &"/".parse().unwrap(), &headers).is_ok()
    };
    let everywhere = guard("0.0.0.0:8642");
    assert!(check(&everywhere, "192.0.2.7:8642") && check(&everywhere, "[2001:db8::1]"));
    assert!(!check(&everywhere, "evil.example:8642"));
    let one = guard("192.0.2.7:8642");
    assert!(check(&one, "192.0.2.7") && check(&one, "localhost") && !check(&one, "192.0.2.8"));
}
