//! Filters and alerts as Defender for Cloud's users have them, from a seed: the same words in both, common ones more
//! often, so that filters have something to find and mostly do not.

use fastrand::Rng;
use serde_json::json;
use std::fmt::Write as _;

/// A source of filters and alerts that know the same words.
pub struct Generator {
    random: Rng,
}

const PROGRAMS: &[&str] = &[
    "powershell.exe",
    "cmd.exe",
    "rundll32.exe",
    "wscript.exe",
    "mshta.exe",
    "python3",
    "bash",
    "curl",
    "certutil.exe",
    "schtasks.exe",
    "regsvr32.exe",
    "svchost.exe",
    "backup-agent",
    "qualys-cloud-agent",
    "chef-client",
    "kubelet",
];
const FOLDERS: &[&str] = &[
    "c:\\windows\\system32",
    "c:\\windows\\syswow64",
    "c:\\program files\\agent",
    "c:\\users\\public",
    "/usr/bin",
    "/usr/local/sbin",
    "/tmp",
    "/opt/agent/bin",
    "c:\\programdata\\chocolatey\\bin",
    "/var/lib/kubelet",
];
const ARGUMENTS: &[&str] = &[
    "-NoProfile",
    "-EncodedCommand",
    "/c whoami",
    "--quiet",
    "-ExecutionPolicy Bypass",
    "http://updates.corp.example",
    "scrsave.scr",
    "-urlcache -split -f",
    "nightly-scan",
    "--config /etc/agent.yaml",
    "javascript:",
    "Invoke-WebRequest",
];
const COUNTRIES: &[&str] = &["us", "de", "fr", "cn", "ru", "br", "in", "gb", "nl", "kr"];

impl Generator {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self { random: Rng::with_seed(seed) }
    }

    /// A number below `count`; small ones are common.
    fn common(&mut self, count: usize) -> usize {
        ((self.random.f64().powi(3)) * count as f64) as usize
    }

    fn of(&mut self, words: &'static [&'static str]) -> &'static str {
        words[self.common(words.len())]
    }

    fn alert_type(&mut self) -> String {
        let kind =
            ["VM_LoginBruteForce", "VM_SuspectProcess", "K8S_PrivilegedContainer", "Storage_Anomaly", "SQL_Probe"];
        let number = self.common(400);
        format!("{}_{number}", kind[number % kind.len()])
    }

    fn host(&mut self) -> String {
        let number = self.common(3_000);
        format!("vm-{}-{number:04}", ["web", "sql", "build", "jump", "node"][number % 5])
    }

    fn account(&mut self) -> String {
        format!("svc-{}", self.common(800))
    }

    fn group(&mut self) -> String {
        format!("rg-{}", self.common(300))
    }

    fn subscription(&mut self) -> String {
        let number = self.common(40);
        format!("{number:08x}-e762-44dd-bd96-b71116dcdc23")
    }

    fn address(&mut self) -> String {
        let (a, b, c) = (self.common(60), self.common(250), self.random.u8(1..255));
        format!("10.{a}.{b}.{c}")
    }

    /// One condition of a filter; its key comes first.
    fn line(&mut self, kind: usize) -> String {
        match kind {
            0 => format!("alert_type: {}", self.alert_type()),
            1 => format!("alert_type: [{}, {}, {}]", self.alert_type(), self.alert_type(), self.alert_type()),
            2 => format!("alert_type|startswith: {}", self.alert_type()),
            3 => format!("compromised_entity: {}", self.host()),
            4 => format!("entities.host.host_name: [{}, {}]", self.host(), self.host()),
            5 => format!("entities.host.host_name|endswith: '-{:04}'", self.common(3_000)),
            6 => format!("entities.account.name: {}", self.account()),
            7 => format!(
                "resources.id|startswith: '/subscriptions/{}/resourceGroups/{}'",
                self.subscription(),
                self.group()
            ),
            8 => format!("entities.process.command_line|contains: '{} --job {}'", self.of(ARGUMENTS), self.common(900)),
            9 => format!(
                "entities.process.command_line|contains|all: ['{}', '--job {}']",
                self.of(ARGUMENTS),
                self.common(900)
            ),
            10 => format!("entities.process.image_file.directory|startswith: '{}'", self.of(FOLDERS)),
            11 => format!("entities.process.image_file.name|endswith: '{}'", self.of(PROGRAMS)),
            12 => format!("entities.ip.address|cidr: 10.{}.{}.0/24", self.common(60), self.common(250)),
            13 => format!("entities.ip.address|cidr: [10.{}.0.0/16, 192.0.2.0/24]", self.common(60)),
            14 => format!("entities.ip.address: {}", self.address()),
            15 => format!("entities.ip.location.asn|gte: {}", 1_000 + self.common(60_000)),
            16 => format!("severity|lte: {}", ["low", "medium", "high"][self.common(3)]),
            17 => format!("title|contains: 'job {} on'", self.common(900)),
            18 => format!("extended_properties.failedAttempts|lt: {}", self.common(500)),
            _ => format!("entities.ip.location.country_code: [{}, {}]", self.of(COUNTRIES), self.of(COUNTRIES)),
        }
    }

    fn lines(&mut self, kinds: &[usize]) -> String {
        let mut lines: Vec<String> = Vec::new();
        for kind in kinds {
            let line = self.line(*kind);
            let key = |line: &str| line.split(':').next().map(str::to_owned);
            if lines.iter().all(|known| key(known) != key(&line)) {
                lines.push(line);
            }
        }
        lines.join(", ")
    }

    /// A filter file: as in Defender for Cloud nearly every one names the alert's type and somebody or something in
    /// particular, and up to two things more, of any kind; one in five has an exclusion beside them.
    pub fn filter(&mut self, number: usize) -> String {
        const TYPES: [usize; 9] = [0, 0, 0, 0, 0, 0, 1, 1, 2];
        const PARTICULARS: [usize; 10] = [3, 4, 5, 6, 7, 8, 9, 12, 14, 17];
        // One in ten is about any type of alert.
        let mut kinds = if self.random.u8(0..10) == 0 { vec![] } else { vec![TYPES[self.random.usize(0..9)]] };
        kinds.push(PARTICULARS[self.random.usize(0..10)]);
        for _ in 0..self.random.usize(0..3) {
            kinds.push(self.random.usize(3..20));
        }
        let lines = self.lines(&kinds);
        let mut text = format!(
            "id: generated-{number}\ntitle: Generated filter {number}\nreason: expected_activity\nowner: secops@example.com\nexpires: 2027-03-31\n"
        );
        let condition = if self.random.u8(0..5) == 0 {
            let unwanted =
                format!("entities.account.name: [{}, {}, {}]", self.account(), self.account(), self.account());
            format!(
                "match: {{selection: {{{lines}}}, exclusion: {{{unwanted}}}, condition: selection and not exclusion}}\n"
            )
        } else {
            format!("match: {{{lines}}}\n")
        };
        text.push_str(&condition);
        text
    }

    /// An alert as Defender for Cloud's REST interface sends it, about two kilobytes.
    pub fn alert(&mut self, number: usize) -> String {
        let (host, group, subscription, account) = (self.host(), self.group(), self.subscription(), self.account());
        let (folder, program, job) = (self.of(FOLDERS), self.of(PROGRAMS), self.common(900));
        let machine = format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{host}"
        );
        let mut arguments = String::new();
        for _ in 0..self.random.usize(1..4) {
            let _ = write!(arguments, " {}", self.of(ARGUMENTS));
        }
        let name = format!("{number:018}_F144EE95-A3E5-42DA-A279-967D115809AA");
        let severity = ["Low", "Medium", "High", "Informational"][self.common(4)];
        let value = json!({
            "id": format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Security/locations/westeurope/alerts/{name}"),
            "name": name,
            "type": "Microsoft.Security/Locations/alerts",
            "properties": {
                "status": "Active", "timeGeneratedUtc": "2026-05-01T19:50:47.083633Z",
                "processingEndTimeUtc": "2026-05-02T05:36:12.2089889Z", "version": "2022-01-01",
                "vendorName": "Microsoft", "productName": "Microsoft Defender for Cloud",
                "productComponentName": "Servers", "alertType": self.alert_type(),
                "startTimeUtc": "2026-05-01T19:48:47.083633Z", "endTimeUtc": "2026-05-01T19:49:47.083633Z",
                "severity": severity, "isIncident": false, "systemAlertId": format!("{number}_f144ee95"),
                "intent": "Execution", "correlationKey": format!("k{}", number % 977),
                "resourceIdentifiers": [{"azureResourceId": machine, "type": "AzureResource"}],
                "compromisedEntity": host, "alertDisplayName": format!("Suspicious process job {job} on {host}"),
                "description": format!("A process was seen running on {host} that is unusual for the account {account} and the machine's role. Verify that the user run it, and that the machine is not part of a maintenance job."),
                "remediationSteps": ["Verify that the user invoked this process", "Run an antimalware scan of the machine"],
                "extendedProperties": {
                    "failedAttempts": self.common(500).to_string(), "user Name": account, "domain Name": "Contoso",
                    "resourceType": "Virtual Machine", "attackedPort": "22",
                },
                "entities": [
                    {"$id": "1", "type": "host", "hostName": host, "azureID": machine, "osFamily": "Linux"},
                    {"$id": "2", "type": "account", "name": account, "host": {"$ref": "1"}},
                    {"$id": "3", "type": "file", "directory": folder, "name": program, "host": {"$ref": "1"}},
                    {"$id": "4", "type": "process", "processId": format!("0x{number:x}"), "imageFile": {"$ref": "3"},
                     "commandLine": format!("{folder}/{program}{arguments} --job {job}"), "host": {"$ref": "1"}},
                    {"$id": "5", "type": "ip", "address": self.address(),
                     "location": {"countryCode": self.of(COUNTRIES), "city": "sonning", "asn": 1_000 + self.common(60_000)}},
                ],
            },
        });
        value.to_string()
    }
}
