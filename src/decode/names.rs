//! Names in one spelling: the many cases, hyphens and misspellings of sources to snake case.

/// Names that no rule on capitals gets right: run together, misspelt, or with a capital in the wrong place.
const IRREGULAR: [(&str, &str); 28] = [
    ("azureid", "azure_id"),
    ("azureresource", "azure_resource"),
    ("commandline", "command_line"),
    ("cronjob", "cron_job"),
    ("daemonset", "daemon_set"),
    ("dnsdomain", "dns_domain"),
    ("domainname", "domain_name"),
    ("filehash", "file_hash"),
    ("filehashes", "file_hashes"),
    ("hostname", "host_name"),
    ("imagefile", "image_file"),
    ("iotdevice", "iot_device"),
    ("ip_adress", "ip_address"),
    ("ip_adresses", "ip_addresses"),
    ("ipaddress", "ip_address"),
    ("netbios_name", "net_bios_name"),
    ("networkconnection", "network_connection"),
    ("ntdomain", "nt_domain"),
    ("parentprocess", "parent_process"),
    ("processid", "process_id"),
    ("registrykey", "registry_key"),
    ("registryvalue", "registry_value"),
    ("replicaset", "replica_set"),
    ("rolebinding", "role_binding"),
    ("saa_s_id", "saas_id"),
    ("securitygroup", "security_group"),
    ("serviceaccount", "service_account"),
    ("statefulset", "stateful_set"),
];

/// A field's name: `azureID` is `azure_id`, `IpAdresses` is `ip_addresses`.
pub(super) fn field(name: &str) -> String {
    let snake = snake_case(name);
    if let Some(rest) = snake.strip_prefix("io_t_") {
        return format!("iot_{rest}");
    }
    match IRREGULAR.binary_search_by_key(&snake.as_str(), |(given, _)| given) {
        Ok(place) => IRREGULAR[place].1.to_owned(),
        Err(_) => snake,
    }
}

/// An entity's type: as [`field`], and `K8s-serviceaccount` is `kubernetes_service_account`.
pub(super) fn entity_type(name: &str) -> String {
    let name = field(name);
    match name.strip_prefix("k8s_").or_else(|| name.strip_prefix("kubernetes_")) {
        Some(rest) => format!("kubernetes_{}", field(rest)),
        None => name,
    }
}

/// The canonical path of an entity's field, however a source spells it: `entities.host.hostName` is
/// `entities.host.host_name`. None for what is no such path.
pub fn entity_path(given: &str) -> Option<String> {
    let mut parts = given.split('.');
    let (entities, kind) = (parts.next()?, parts.next()?);
    let fields: Vec<String> = parts.map(field).collect();
    let whole = entities.eq_ignore_ascii_case("entities") && !fields.is_empty();
    whole.then(|| format!("entities.{}.{}", entity_type(kind), fields.join(".")))
}

/// Words apart by underscores, lower case. A run of capitals is one word (`NTDomain`: `nt_domain`), with a plural's
/// `s` if it has one (`IPs`: `ips`).
pub(super) fn snake_case(name: &str) -> String {
    let is_snake = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.bytes().all(is_snake) {
        return name.to_owned();
    }
    // Neighbours are looked at as bytes: what is not ASCII counts as a small letter.
    let bytes = name.as_bytes();
    let is_small = |place: usize| bytes.get(place).is_some_and(|byte| byte.is_ascii_lowercase() || !byte.is_ascii());
    let mut snake = String::with_capacity(name.len() + 4);
    for (place, letter) in name.char_indices() {
        if letter.is_ascii() && !letter.is_ascii_alphanumeric() {
            if !snake.is_empty() && !snake.ends_with('_') {
                snake.push('_');
            }
        } else if letter.is_ascii_uppercase() {
            let plural = bytes.get(place + 1) == Some(&b's') && !is_small(place + 2);
            let begins_word = match place.checked_sub(1).map(|before| bytes[before]) {
                Some(before) if before.is_ascii_uppercase() => is_small(place + 1) && !plural,
                Some(before) => before.is_ascii_alphanumeric() || !before.is_ascii(),
                None => false,
            };
            if begins_word {
                snake.push('_');
            }
            snake.push(letter.to_ascii_lowercase());
        } else {
            snake.extend(letter.to_lowercase());
        }
    }
    snake.truncate(snake.trim_end_matches('_').len());
    snake
}

/// A word without case, spaces, hyphens and underscores, for comparing words that sources spell differently.
pub(super) fn squash(word: &str) -> String {
    word.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_spelling_comes_to_one() {
        for (given, meant) in [
            ("address", "address"),
            ("Address", "address"),
            ("azureID", "azure_id"),
            ("AzureID", "azure_id"),
            ("IpAdresses", "ip_addresses"),
            ("hostName", "host_name"),
            ("HostName", "host_name"),
            ("NTDomain", "nt_domain"),
            ("ntDomain", "nt_domain"),
            ("OMSAgentID", "oms_agent_id"),
            ("omsAgentID", "oms_agent_id"),
            ("OSFamily", "os_family"),
            ("OsVersion", "os_version"),
            ("UPNSuffix", "upn_suffix"),
            ("creationTimeUtc", "creation_time_utc"),
            ("CommandLine", "command_line"),
            ("commandline", "command_line"),
            ("ioTDevice", "iot_device"),
            ("IoTHub", "iot_hub"),
            ("IoTSecurityAgentId", "iot_security_agent_id"),
            ("SaaSId", "saas_id"),
            ("P1SenderDisplayName", "p1_sender_display_name"),
            ("senderIP", "sender_ip"),
            ("IPs", "ips"),
            ("dnsServerIp", "dns_server_ip"),
            ("already_snake", "already_snake"),
            ("with space", "with_space"),
            ("Größe", "größe"),
            ("", ""),
            ("--", ""),
        ] {
            assert_eq!(field(given), meant, "{given}");
        }
        for (given, meant) in [
            ("azure-resource", "azure_resource"),
            ("filehash", "file_hash"),
            ("K8s-pod", "kubernetes_pod"),
            ("K8s-service-account", "kubernetes_service_account"),
            ("K8s-serviceaccount", "kubernetes_service_account"),
            ("kubernetes-statefulset", "kubernetes_stateful_set"),
            ("kubernetes_pod", "kubernetes_pod"),
            ("registry-key", "registry_key"),
            ("host-logon-session", "host_logon_session"),
            ("iotdevice", "iot_device"),
            ("SubmissionMail", "submission_mail"),
            ("IP", "ip"),
        ] {
            assert_eq!(entity_type(given), meant, "{given}");
        }
    }

    #[test]
    fn the_irregular_names_are_in_order() {
        assert!(IRREGULAR.is_sorted_by(|a, b| a.0 < b.0));
    }
}
