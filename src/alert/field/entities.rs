//! The entity types and their fields: Microsoft's entity reference in snake case, with containers and Kubernetes.

use super::schema::{FieldType, Record, Shape};

const TEXT: Shape = Shape::Value(FieldType::Text);
const ID: Shape = Shape::Value(FieldType::Id);
const IP_ADDRESS: Shape = Shape::Value(FieldType::Ip);
const NUMBER: Shape = Shape::Value(FieldType::Number);
const BOOLEAN: Shape = Shape::Value(FieldType::Boolean);
const TIME: Shape = Shape::Value(FieldType::Time);
const LABELS: Shape = Shape::Free { caseless: true };

const fn entity(record: &'static Record) -> Shape {
    Shape::Record(record)
}

macro_rules! records {
    ($($constant:ident $name:literal { $($field:literal $shape:expr),* $(,)? })*) => {
        $(static $constant: Record = Record { name: $name, fields: &[$(($field, $shape),)*] };)*
    };
}

/// `entities`: what stands under it is an entity type, and under that the fields of every entity of the type.
pub(super) static ENTITIES: Record = Record {
    name: "entities",
    fields: &[
        ("account", entity(&ACCOUNT)),
        ("azure_resource", entity(&AZURE_RESOURCE)),
        ("blob", entity(&BLOB)),
        ("blob_container", entity(&BLOB_CONTAINER)),
        ("cloud_application", entity(&CLOUD_APPLICATION)),
        ("cloud_resource", entity(&CLOUD_RESOURCE)),
        ("container", entity(&CONTAINER)),
        ("container_image", entity(&CONTAINER_IMAGE)),
        ("container_registry", entity(&CONTAINER_REGISTRY)),
        ("dns", entity(&DNS)),
        ("file", entity(&FILE)),
        ("file_hash", entity(&FILE_HASH)),
        ("gcp_resource", entity(&GCP_RESOURCE)),
        ("host", entity(&HOST)),
        ("host_logon_session", entity(&HOST_LOGON_SESSION)),
        ("iot_device", entity(&IOT_DEVICE)),
        ("ip", entity(&IP)),
        ("kubernetes_cluster", entity(&KUBERNETES_CLUSTER)),
        ("kubernetes_cron_job", entity(&KUBERNETES_WORKLOAD)),
        ("kubernetes_daemon_set", entity(&KUBERNETES_WORKLOAD)),
        ("kubernetes_deployment", entity(&KUBERNETES_WORKLOAD)),
        ("kubernetes_job", entity(&KUBERNETES_WORKLOAD)),
        ("kubernetes_namespace", entity(&KUBERNETES_NAMESPACE)),
        ("kubernetes_node", entity(&KUBERNETES_NODE)),
        ("kubernetes_pod", entity(&KUBERNETES_POD)),
        ("kubernetes_replica_set", entity(&KUBERNETES_WORKLOAD)),
        ("kubernetes_role", entity(&KUBERNETES_WORKLOAD)),
        ("kubernetes_role_binding", entity(&KUBERNETES_WORKLOAD)),
        ("kubernetes_secret", entity(&KUBERNETES_WORKLOAD)),
        ("kubernetes_service", entity(&KUBERNETES_WORKLOAD)),
        ("kubernetes_service_account", entity(&KUBERNETES_WORKLOAD)),
        ("kubernetes_stateful_set", entity(&KUBERNETES_WORKLOAD)),
        ("mail_cluster", entity(&MAIL_CLUSTER)),
        ("mail_message", entity(&MAIL_MESSAGE)),
        ("mailbox", entity(&MAILBOX)),
        ("malware", entity(&MALWARE)),
        ("network_connection", entity(&NETWORK_CONNECTION)),
        ("process", entity(&PROCESS)),
        ("registry_key", entity(&REGISTRY_KEY)),
        ("registry_value", entity(&REGISTRY_VALUE)),
        ("security_group", entity(&SECURITY_GROUP)),
        ("submission_mail", entity(&SUBMISSION_MAIL)),
        // An entity whose source does not say its type: its fields are the source's.
        ("unknown", Shape::Free { caseless: true }),
        ("url", entity(&URL)),
    ],
};

records! {
    ACCOUNT "account" {
        "name" TEXT, "nt_domain" TEXT, "dns_domain" TEXT, "upn_suffix" TEXT, "host" entity(&HOST), "sid" TEXT,
        "aad_tenant_id" TEXT, "aad_user_id" TEXT, "puid" TEXT, "is_domain_joined" BOOLEAN, "object_guid" TEXT,
        "cloud_app_account_id" TEXT, "is_anonymized" BOOLEAN, "logon_id" TEXT, "display_name" TEXT, "count" NUMBER,
    }
    AZURE_RESOURCE "azure_resource" {
        "resource_id" ID, "subscription_id" ID, "active_contacts" TEXT, "resource_type" TEXT, "resource_name" TEXT,
    }
    BLOB "blob" {
        "name" TEXT, "url" TEXT, "container" entity(&BLOB_CONTAINER), "blob_container" entity(&BLOB_CONTAINER),
        "etag" TEXT, "file_hashes" entity(&FILE_HASH),
    }
    BLOB_CONTAINER "blob_container" { "name" TEXT, "url" TEXT, "storage_resource" entity(&AZURE_RESOURCE) }
    CLOUD_APPLICATION "cloud_application" {
        "app_id" TEXT, "saas_id" TEXT, "name" TEXT, "instance_name" TEXT, "instance_id" TEXT, "risk" TEXT,
    }
    CLOUD_RESOURCE "cloud_resource" {
        "resource_id" ID, "resource_type" TEXT, "resource_name" TEXT, "provider" TEXT, "account_id" TEXT,
        "region" TEXT,
    }
    CONTAINER "container" {
        "name" TEXT, "container_id" TEXT, "image" entity(&CONTAINER_IMAGE), "pod" entity(&KUBERNETES_POD),
        "host" entity(&HOST), "privileged" BOOLEAN,
    }
    CONTAINER_IMAGE "container_image" {
        "name" TEXT, "image_id" TEXT, "repository" TEXT, "tag" TEXT, "digest" TEXT,
        "registry" entity(&CONTAINER_REGISTRY),
    }
    CONTAINER_REGISTRY "container_registry" { "registry" TEXT, "name" TEXT, "login_server" TEXT, "resource_id" ID }
    DNS "dns" {
        "domain_name" TEXT, "ip_address" entity(&IP), "ip_addresses" entity(&IP), "dns_server_ip" entity(&IP),
        "host_ip_address" entity(&IP),
    }
    FILE "file" {
        "directory" TEXT, "name" TEXT, "alternate_data_stream_name" TEXT, "host" entity(&HOST),
        "host_url" entity(&URL), "windows_security_zone_type" TEXT, "referrer_url" entity(&URL),
        "size_in_bytes" NUMBER, "file_hashes" entity(&FILE_HASH),
    }
    FILE_HASH "file_hash" { "algorithm" TEXT, "value" TEXT }
    GCP_RESOURCE "gcp_resource" {
        "full_resource_name" ID, "project_id" TEXT, "project_number" TEXT, "resource_name" TEXT, "resource_type" TEXT,
        "location" TEXT, "location_type" TEXT,
    }
    HOST "host" {
        "ip_interfaces" entity(&IP), "dns_domain" TEXT, "nt_domain" TEXT, "host_name" TEXT, "net_bios_name" TEXT,
        "iot_device" entity(&IOT_DEVICE), "azure_id" ID, "oms_agent_id" TEXT, "operating_system" TEXT,
        "os_family" TEXT, "os_version" TEXT, "is_domain_joined" BOOLEAN, "count" NUMBER,
    }
    HOST_LOGON_SESSION "host_logon_session" {
        "session_id" TEXT, "start_time_utc" TIME, "end_time_utc" TIME, "host" entity(&HOST),
        "account" entity(&ACCOUNT),
    }
    IOT_DEVICE "iot_device" {
        "iot_hub" entity(&AZURE_RESOURCE), "device_id" TEXT, "device_name" TEXT, "owners" TEXT,
        "iot_security_agent_id" TEXT, "device_type" TEXT, "device_type_id" TEXT, "device_sub_type" TEXT,
        "device_sub_type_id" TEXT, "source" TEXT, "manufacturer" TEXT, "model" TEXT, "firmware_version" TEXT,
        "operating_system" TEXT, "ip_address" entity(&IP), "mac_address" TEXT, "nics" TEXT, "protocols" TEXT,
        "serial_number" TEXT, "site" TEXT, "zone" TEXT, "sensor" TEXT, "importance" TEXT, "purdue_layer" TEXT,
        "is_programming" BOOLEAN, "is_authorized" BOOLEAN, "is_scanner" BOOLEAN,
    }
    IP "ip" {
        "address" IP_ADDRESS, "address_scope" TEXT, "location" entity(&LOCATION),
        "threat_intelligence" entity(&THREAT_INTELLIGENCE), "count" NUMBER,
    }
    KUBERNETES_CLUSTER "kubernetes_cluster" {
        "name" TEXT, "cloud_resource" entity(&CLOUD_RESOURCE), "distribution" TEXT, "platform" TEXT, "version" TEXT,
    }
    KUBERNETES_NAMESPACE "kubernetes_namespace" {
        "name" TEXT, "cluster" entity(&KUBERNETES_CLUSTER), "labels" LABELS,
    }
    KUBERNETES_NODE "kubernetes_node" {
        "name" TEXT, "cluster" entity(&KUBERNETES_CLUSTER), "host" entity(&HOST), "labels" LABELS,
    }
    KUBERNETES_POD "kubernetes_pod" {
        "name" TEXT, "uid" TEXT, "namespace" entity(&KUBERNETES_NAMESPACE), "node" entity(&KUBERNETES_NODE),
        "service_account" entity(&KUBERNETES_WORKLOAD), "controller" entity(&KUBERNETES_WORKLOAD),
        "pod_ip" entity(&IP), "labels" LABELS,
    }
    // Whatever has a name in a namespace: the controllers, and services, secrets, roles and accounts beside them.
    KUBERNETES_WORKLOAD "kubernetes_workload" {
        "name" TEXT, "namespace" entity(&KUBERNETES_NAMESPACE), "labels" LABELS,
    }
    LOCATION "location" {
        "country_code" TEXT, "country_name" TEXT, "state" TEXT, "city" TEXT, "longitude" NUMBER, "latitude" NUMBER,
        "asn" NUMBER, "carrier" TEXT, "organization" TEXT, "organization_type" TEXT, "cloud_provider" TEXT,
        "system_service" TEXT,
    }
    MAIL_CLUSTER "mail_cluster" {
        "network_message_ids" TEXT, "count_by_delivery_status" Shape::Free { caseless: true },
        "count_by_threat_type" Shape::Free { caseless: true },
        "count_by_protection_status" Shape::Free { caseless: true }, "threats" TEXT, "query" TEXT,
        "query_time" TIME, "mail_count" NUMBER, "is_volume_anomaly" BOOLEAN, "source" TEXT,
        "cluster_source_identifier" TEXT, "cluster_source_type" TEXT, "cluster_query_start_time" TIME,
        "cluster_query_end_time" TIME, "cluster_group" TEXT,
    }
    MAIL_MESSAGE "mail_message" {
        "recipient" TEXT, "urls" TEXT, "threats" TEXT, "sender" TEXT, "p1_sender" TEXT,
        "p1_sender_display_name" TEXT, "p1_sender_domain" TEXT, "sender_ip" IP_ADDRESS, "p2_sender" TEXT,
        "p2_sender_display_name" TEXT, "p2_sender_domain" TEXT, "received_date" TIME, "network_message_id" TEXT,
        "internet_message_id" TEXT, "subject" TEXT, "body_fingerprint_bin1" NUMBER,
        "body_fingerprint_bin2" NUMBER, "body_fingerprint_bin3" NUMBER, "body_fingerprint_bin4" NUMBER,
        "body_fingerprint_bin5" NUMBER, "antispam_direction" TEXT, "delivery_action" TEXT,
        "delivery_location" TEXT, "campaign_id" TEXT, "language" TEXT, "threat_detection_methods" TEXT,
        "files" entity(&FILE),
    }
    MAILBOX "mailbox" {
        "mailbox_primary_address" TEXT, "display_name" TEXT, "upn" TEXT, "external_directory_object_id" TEXT,
        "risk_level" TEXT,
    }
    MALWARE "malware" { "name" TEXT, "category" TEXT, "files" entity(&FILE), "processes" entity(&PROCESS) }
    NETWORK_CONNECTION "network_connection" {
        "source_address" entity(&IP), "source_port" NUMBER, "destination_address" entity(&IP),
        "destination_port" NUMBER, "protocol" TEXT,
    }
    PROCESS "process" {
        "process_id" TEXT, "command_line" TEXT, "elevation_token" TEXT, "creation_time_utc" TIME,
        "image_file" entity(&FILE), "account" entity(&ACCOUNT), "parent_process" entity(&PROCESS),
        "host" entity(&HOST), "logon_session" entity(&HOST_LOGON_SESSION),
    }
    REGISTRY_KEY "registry_key" { "hive" TEXT, "key" TEXT }
    REGISTRY_VALUE "registry_value" {
        "host" entity(&HOST), "key" entity(&REGISTRY_KEY), "name" TEXT, "value" TEXT, "value_type" TEXT,
    }
    SECURITY_GROUP "security_group" { "distinguished_name" TEXT, "sid" TEXT, "object_guid" TEXT }
    SUBMISSION_MAIL "submission_mail" {
        "submission_id" TEXT, "submission_date" TIME, "submitter" TEXT, "network_message_id" TEXT,
        "timestamp" TIME, "recipient" TEXT, "sender" TEXT, "sender_ip" IP_ADDRESS, "subject" TEXT,
        "report_type" TEXT,
    }
    THREAT_INTELLIGENCE "threat_intelligence" {
        "provider_name" TEXT, "threat_type" TEXT, "threat_name" TEXT, "confidence" NUMBER, "report_link" TEXT,
        "threat_description" TEXT,
    }
    URL "url" { "url" TEXT }
}
