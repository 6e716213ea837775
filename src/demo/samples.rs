//! The alerts the demo sends: composed for it, in the shapes real sources use.

/// One alert: what it is, and the body as its source would post it.
pub struct Sample {
    /// What it shows, for people.
    pub about: &'static str,
    /// The body.
    pub body: &'static str,
}

/// Every sample, in the order they are sent.
pub const SAMPLES: &[Sample] = &[
    Sample {
        about: "Defender for Cloud, REST: our own scanner tries SSH passwords",
        body: include_str!("samples/01-brute-force-from-scanner.json"),
    },
    Sample {
        about: "Defender for Cloud, continuous export: a stranger got in",
        body: include_str!("samples/02-brute-force-from-stranger.json"),
    },
    Sample {
        about: "Sentinel, SecurityAlert table: PowerShell by the deployment agent",
        body: include_str!("samples/03-powershell-by-deployment.json"),
    },
    Sample { about: "Falco: a shell in the debug image", body: include_str!("samples/04-shell-in-debug-image.json") },
    Sample { about: "Falco: a shell in production", body: include_str!("samples/05-shell-in-production.json") },
    Sample { about: "Falco: a storage driver calls the API", body: include_str!("samples/06-storage-driver.json") },
    Sample { about: "Defender for Cloud: a sample alert", body: include_str!("samples/07-sample-ransomware.json") },
    Sample {
        about: "a detector of our own, native JSON: data leaves",
        body: include_str!("samples/08-exfiltration.json"),
    },
];
