//! An Azure resource id taken apart: its type and name are in it.

use crate::alert::Resource;

/// The resource an id names. The type is the resource manager's, such as `Microsoft.Compute/virtualMachines`.
pub(super) fn from_id(id: String) -> Resource {
    let parts: Vec<&str> = id.split('/').filter(|part| !part.is_empty()).collect();
    let after = parts.iter().rposition(|part| part.eq_ignore_ascii_case("providers")).map(|place| place + 1);
    let kind = match after {
        // The namespace, then types and names in turn.
        Some(after) => parts.get(after).map(|namespace| {
            let types = parts[after + 1..].iter().step_by(2).copied();
            std::iter::once(*namespace).chain(types).collect::<Vec<_>>().join("/")
        }),
        None if has(&parts, "resourceGroups") => Some("Microsoft.Resources/subscriptions/resourceGroups".to_owned()),
        None if has(&parts, "subscriptions") => Some("Microsoft.Resources/subscriptions".to_owned()),
        None => None,
    };
    let name = kind.is_some().then(|| parts.last().map(|&name| name.to_owned())).flatten();
    Resource { kind, name, id, ..Resource::default() }
}

fn has(parts: &[&str], segment: &str) -> bool {
    parts.iter().step_by(2).any(|part| part.eq_ignore_ascii_case(segment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(id: &str) -> (Option<String>, Option<String>) {
        let resource = from_id(id.to_owned());
        (resource.kind, resource.name)
    }

    #[test]
    fn type_and_name_come_from_the_id() {
        let pair = |kind: &str, name: &str| (Some(kind.to_owned()), Some(name.to_owned()));
        assert_eq!(
            parts("/SUBSCRIPTIONS/s/RESOURCEGROUPS/g/providers/Microsoft.Web/sites/app"),
            pair("Microsoft.Web/sites", "app")
        );
        assert_eq!(
            parts("/subscriptions/s/resourceGroups/g/providers/Microsoft.Sql/servers/a/databases/b"),
            pair("Microsoft.Sql/servers/databases", "b")
        );
        assert_eq!(
            parts("/subscriptions/s/resourceGroups/g"),
            pair("Microsoft.Resources/subscriptions/resourceGroups", "g")
        );
        assert_eq!(parts("/subscriptions/s"), pair("Microsoft.Resources/subscriptions", "s"));
        for odd in ["", "/", "vm1", "arn:aws:ec2:x", "/providers", "providers/"] {
            assert_eq!(parts(odd), (None, None), "{odd}");
        }
    }
}
