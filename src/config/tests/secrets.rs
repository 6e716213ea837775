//! Secrets are named, never written, and never shown.

use super::World;

fn connection(headers: &str) -> World {
    World::new().file(&format!("connections:\n  c:\n    url: https://a.example\n    headers: {{{headers}}}\n"))
}

#[track_caller]
fn expect(world: World, faults: &[&str]) {
    assert_eq!(world.faults(), faults);
}

const HELP: &str = "(name a variable, {env: NAME}, or a file, {file: PATH})";

#[test]
fn a_credential_written_out_is_refused() {
    for header in ["authorization: abc", "x-api-key: abc", "Cookie: a=b", "x-team: Bearer abc", "x-auth-token: 5"] {
        let name = header.split(':').next().unwrap();
        let at = 15 + header.find(": ").unwrap() + 2;
        let text = format!(
            "quell.yaml:4:{at}: error[C006]: `connections.c.headers.{name}` holds a secret, so it must not be written out here {HELP}"
        );
        expect(connection(header), &[&text]);
    }
    expect(
        World::new().file("connections: {c: {url: 'https://a.example', sign: {secret: whsec_abc}}}\n"),
        &[&format!(
            "quell.yaml:1:60: error[C006]: `connections.c.sign.secret` holds a secret, so it must not be written out here {HELP}"
        )],
    );
    expect(connection("accept: application/json"), &[]);
}

#[test]
fn a_secret_that_is_not_there_is_a_fault() {
    expect(
        connection("authorization: {env: NOPE}"),
        &["quell.yaml:4:30: error[C007]: `connections.c.headers.authorization`: the variable NOPE is not set"],
    );
    expect(
        connection("authorization: {env: NOPE}").variable("NOPE", "\n"),
        &["quell.yaml:4:30: error[C007]: `connections.c.headers.authorization`: the variable NOPE is empty"],
    );
    expect(
        connection("authorization: {file: nope}"),
        &[
            "quell.yaml:4:30: error[C007]: `connections.c.headers.authorization`: nope: No such file or directory (os error 2)",
        ],
    );
    expect(
        connection("authorization: {file: s}").named("s", "\n", 0o600),
        &["quell.yaml:4:30: error[C007]: `connections.c.headers.authorization`: s is empty"],
    );
    expect(
        connection("authorization: {file: d}").named("d/x", "", 0o600),
        &["quell.yaml:4:30: error[C007]: `connections.c.headers.authorization`: d: it is not a regular file"],
    );
    let text = format!(
        "quell.yaml:4:30: error[C003]: `connections.c.headers.authorization` must have one of `env` and `file` {HELP}"
    );
    expect(connection("authorization: {env: A, file: B}"), &[&text]);
    expect(connection("authorization: {}"), &[&text]);
}

#[test]
fn a_file_that_others_can_read_holds_no_secret() {
    for mode in [0o644, 0o604, 0o666, 0o620] {
        let text = format!(
            "quell.yaml:4:30: error[C008]: `connections.c.headers.authorization`: s can be read or changed by others (mode {mode:04o}) (chmod 600 s)"
        );
        expect(connection("authorization: {file: s}").named("s", "x", mode), &[&text]);
    }
    for mode in [0o600, 0o400, 0o440] {
        expect(connection("authorization: {file: s}").named("s", "x", mode), &[]);
    }
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let file = "connections:\n  c:\n    url: {env: URL}\n    sign: {secret: {env: KEY}}\n    headers: {authorization: {env: AUTH}}\n";
    let world = World::new().file(file).variable("URL", "https://chat.example/hooks/hunter2");
    let world = world.variable("KEY", "hunter2, hunter2, hunter2, hunter2").variable("AUTH", "hunter2");
    let shown = format!("{:?}", world.config());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("https://chat.example"), "{shown}");

    let world = world.variable("URL", "hunter2 is no address").variable("AUTH", "hunter2\u{1}");
    let refused = world.load().unwrap_err();
    assert_eq!(refused.diagnostics.len(), 2);
    assert!(!format!("{refused}{refused:?}").contains("hunter2"), "{refused}");
}

#[test]
fn the_line_with_a_secret_is_not_shown() {
    let world = connection("authorization: hunter2, 'x y': 1");
    let refused = world.load().unwrap_err();
    let [secret, name] = &refused.diagnostics[..] else { panic!("{refused}") };
    assert_eq!((secret.code.id, refused.source(secret)), ("C006", None));
    assert_eq!(name.code.id, "C004");
}

#[test]
fn input_95_a_line_end_is_no_part_of_a_secret_and_an_empty_or_open_file_is_none() {
    let token = |content: &str, mode| {
        let world = World::new().named("token", content, mode);
        world.file("email: {host: mail.example, from: a@b.example, username: a, password: {file: token}}\n")
    };
    for content in ["hunter2", "hunter2\n", "hunter2\r\n", "hunter2\n\n"] {
        let email = token(content, 0o600).config().email.unwrap();
        assert_eq!(email.password.unwrap().expose(), "hunter2", "{content:?}");
    }
    for (content, mode, said) in [
        ("", 0o600, "error[C007]: `email.password`: token is empty"),
        ("\n", 0o600, "error[C007]: `email.password`: token is empty"),
        (
            "hunter2",
            0o644,
            "error[C008]: `email.password`: token can be read or changed by others (mode 0644) (chmod 600 token)",
        ),
    ] {
        expect(token(content, mode), &[&format!("quell.yaml:1:71: {said}")]);
    }
}
