//! This repository's own rules and playbooks inside the binary, for a demo away from the checkout.

use std::io;
use std::path::Path;

/// Every file, by its path in the repository.
const FILES: &[(&str, &str)] = &[
    ("rules/containers/debug-shells.yaml", include_str!("../../rules/containers/debug-shells.yaml")),
    (
        "rules/containers/kubernetes-controllers.yaml",
        include_str!("../../rules/containers/kubernetes-controllers.yaml"),
    ),
    ("rules/operations/backup-and-monitoring.yaml", include_str!("../../rules/operations/backup-and-monitoring.yaml")),
    ("rules/operations/software-deployment.yaml", include_str!("../../rules/operations/software-deployment.yaml")),
    ("rules/samples/sample-alerts.yaml", include_str!("../../rules/samples/sample-alerts.yaml")),
    ("rules/scanners/vulnerability-scanners.yaml", include_str!("../../rules/scanners/vulnerability-scanners.yaml")),
    ("playbooks/ask-before-blocking.rhai", include_str!("../../playbooks/ask-before-blocking.rhai")),
    ("playbooks/contain-brute-force.rhai", include_str!("../../playbooks/contain-brute-force.rhai")),
    ("playbooks/isolate-container.rhai", include_str!("../../playbooks/isolate-container.rhai")),
    ("playbooks/lib/addresses.rhai", include_str!("../../playbooks/lib/addresses.rhai")),
    ("playbooks/remind-after-a-day.rhai", include_str!("../../playbooks/remind-after-a-day.rhai")),
    ("playbooks/tell-the-team.rhai", include_str!("../../playbooks/tell-the-team.rhai")),
];

/// Writes the files below `folder`.
pub fn write_below(folder: &Path) -> io::Result<()> {
    for (path, text) in FILES {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn holds_every_file_of_the_repository() {
        fn walk(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                if path.is_dir() {
                    walk(&path, root, found);
                } else if !name.ends_with(".test.yaml") {
                    found.insert(name);
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut present = BTreeSet::new();
        walk(&root.join("rules"), root, &mut present);
        walk(&root.join("playbooks"), root, &mut present);
        assert_eq!(present, FILES.iter().map(|(path, _)| (*path).to_owned()).collect());
    }
}
