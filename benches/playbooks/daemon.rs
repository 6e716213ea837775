//! The release build as a child process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Writes a folder's configuration and playbooks; connections by name and address.
pub fn configured(folder: &Path, playbooks: &[(&str, &str)], connections: &[(&str, String)]) {
    let mut config = "listen: 127.0.0.1:0\ndata: data\nconnections:\n".to_owned();
    for (name, address) in connections {
        config.push_str(&format!("  {name}: {{url: 'http://{address}', allow_private: true, timeout: 20s}}\n"));
    }
    std::fs::create_dir_all(folder.join("rules")).expect("a folder");
    std::fs::create_dir_all(folder.join("playbooks")).expect("a folder");
    std::fs::write(folder.join("quell.yaml"), config).expect("it is written");
    for (name, text) in playbooks {
        std::fs::write(folder.join("playbooks").join(name), text).expect("it is written");
    }
}

/// A running daemon; it ends with this.
pub struct Daemon {
    child: Child,
    /// Where it listens.
    pub address: String,
}

impl Daemon {
    /// Starts one in a configured folder; it takes alerts when this returns.
    pub async fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_quell"))
            .arg("serve")
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the daemon starts");
        let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let address = loop {
            let line = lines.next().expect("the daemon says where it listens").expect("it is text");
            if let Some((_, rest)) = line.split_once("listening on http://") {
                let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ':'))).unwrap_or(rest.len());
                break rest[..end].to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// Processor seconds so far.
    pub fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let field = |number: usize| rest.split_whitespace().nth(number).and_then(|text| text.parse::<f64>().ok());
        (field(11).unwrap_or(0.0) + field(12).unwrap_or(0.0)) / 100.0
    }

    /// Resident memory in MiB.
    pub fn resident(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/statm", self.child.id())).unwrap_or_default();
        text.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or(0.0) / 256.0
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
