//! What a person is told about a configuration, wherever it was written, and that the default file says the truth.

#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

use std::path::Path;

use chatdevd::Config;
use chatdevd::config::{KEYS, Layers, LogLevel, Network};

/// What `chatdevd config check` says of a file with this text.
fn check(text: &str) -> String {
    let mut layers = Layers::new();
    layers.file(Path::new("chatdevd.toml"), text);
    layers.finish().unwrap_err().to_string()
}

#[test]
fn the_default_file_is_the_defaults() {
    let mut layers = Layers::new();
    layers.file(Path::new("default.toml"), Config::DEFAULT_FILE);
    assert_eq!(layers.finish().unwrap(), Config::default());
}

#[test]
fn the_default_file_names_every_key_and_the_types_have_no_other() {
    // Keys without a default stand behind `#` without a space, comments behind `# `.
    let whole: String = Config::DEFAULT_FILE
        .lines()
        .map(|line| {
            line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned() + "\n"
        })
        .collect();
    let names = |table: &toml::Table| {
        let mut names = Vec::new();
        for (name, value) in table {
            match value.as_table() {
                Some(inner) => names.extend(inner.keys().map(|inner| format!("{name}.{inner}"))),
                None => names.push(name.clone()),
            }
        }
        names.sort();
        names
    };
    let in_file: toml::Table = whole.parse().unwrap();
    let mut in_keys: Vec<_> = KEYS.iter().map(|key| key.name.to_owned()).collect();
    in_keys.sort();
    assert_eq!(names(&in_file), in_keys);
    // With every key set, the types give every key back.
    let mut layers = Layers::new();
    layers.file(Path::new("default.toml"), &whole);
    let in_types = toml::Table::try_from(layers.finish().unwrap()).unwrap();
    assert_eq!(names(&in_types), in_keys);
}

#[test]
fn the_default_file_stands_in_the_order_of_the_keys() {
    let places: Vec<_> = KEYS
        .iter()
        .map(|key| {
            let (table, name) = key.name.split_once('.').unwrap_or(("", key.name));
            let start = Config::DEFAULT_FILE.find(&format!("\n[{table}]")).unwrap_or(0);
            let rest = &Config::DEFAULT_FILE[start..];
            start + rest.find(&format!("\n{name} =")).or_else(|| rest.find(&format!("\n#{name} ="))).unwrap()
        })
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn typos_are_named_with_the_key_that_was_meant() {
    insta::assert_snapshot!(check("domian = \"example.net\"\n\n[directory]\nintervall_seconds = 5\ncolour = 1\n[tlss]\nrequired = true\n"), @r#"
    chatdevd.toml:1:1: unknown key `domian`
      help: did you mean `domain`?
    chatdevd.toml:4:1: unknown key `directory.intervall_seconds`
      help: did you mean `interval_seconds`?
    chatdevd.toml:5:1: unknown key `directory.colour`
      help: `chatdevd config default` prints every key
    chatdevd.toml:6:2: unknown key `tlss`
      help: did you mean `tls`?
    "#);
}

#[test]
fn a_key_in_the_wrong_table_is_shown_the_right_one() {
    insta::assert_snapshot!(check("interval_seconds = 5\n[log]\nopen = true\n"), @r#"
    chatdevd.toml:1:1: unknown key `interval_seconds`
      help: did you mean `directory.interval_seconds`?
    chatdevd.toml:3:1: unknown key `log.open`
      help: did you mean `registration.open`?
    "#);
}

#[test]
fn values_of_the_wrong_form_say_what_was_expected_and_found() {
    let text = "listen = \"127.0.0.1\"\ntls = 5\n[registration]\nopen = \"no\"\n[directory]\ninterval_seconds = \"soon\"\n\
                limit_seconds = -3\nvisibility = \"friends\"\n  [log]\n  level = [\n\"loud\"]\n[metrics]\nlisten = 9222\n";
    insta::assert_snapshot!(check(text), @r#"
        chatdevd.toml:1:10: listen: expected a list of addresses with ports, such as ["127.0.0.1:5222", "[::1]:5222"], found "127.0.0.1"
        chatdevd.toml:2:7: tls: expected a table ([tls]), found a value of type integer
        chatdevd.toml:4:8: registration.open: expected true or false, found "no"
        chatdevd.toml:6:20: directory.interval_seconds: expected a whole number of seconds from 1 to 28800, found "soon"
        chatdevd.toml:7:17: directory.limit_seconds: expected a whole number of seconds from 3 to 86400, found -3
        chatdevd.toml:8:14: directory.visibility: expected "everyone" or "off", found "friends"
        chatdevd.toml:10:11: log.level: expected "error", "warn", "info", "debug" or "trace", found [\u{a}"loud"]
        chatdevd.toml:13:10: metrics.listen: expected an address with a port, such as "127.0.0.1:9222", found 9222
        "#);
}

#[test]
fn numbers_out_of_range_and_out_of_proportion_are_refused() {
    let text = "[accounts]\nscram_iterations = 1\n[directory]\ninterval_seconds = 30\nlimit_seconds = 60\ndepartures_max = 0\n\
                [limits]\nstanza_bytes_max = 1000000\nqueue_bytes_max = 1048576\nsign_in_seconds = 99999999999999999999\n";
    insta::assert_snapshot!(check(text), @r#"
        chatdevd.toml:2:20: accounts.scram_iterations: expected a whole number from 4096 to 1000000, found 1
        chatdevd.toml:5:17: directory.limit_seconds: expected at least three intervals (90), found 60
          help: one check-in that is lost must not make somebody disappear
        chatdevd.toml:6:18: directory.departures_max: expected a whole number from 1 to 1000000, found 0
        chatdevd.toml:9:19: limits.queue_bytes_max: expected at least twice limits.stanza_bytes_max (2000000), found 1048576
        chatdevd.toml:10:19: limits.sign_in_seconds: expected a whole number of seconds from 1 to 600, found 99999999999999999999
        "#);
}

#[test]
fn what_is_not_toml_is_said_with_its_place() {
    insta::assert_snapshot!(check("domain = \"a\"\nlisten = [\"127.0.0.1:5222\"\n[log]\n"), @r#"chatdevd.toml:3:1: this is not TOML: missing comma between array elements, expected `,`"#);
    insta::assert_snapshot!(check("domain = \"a\"\ndomain = \"b\"\n"), @r#"chatdevd.toml:2:1: this is not TOML: duplicate key"#);
}

#[test]
fn escape_sequences_of_a_file_do_not_reach_the_terminal() {
    let message = check("domain = \"\\u001b[2J\"\n\"\\u001b[31mred\" = 1\n");
    assert!(!message.contains('\u{1b}'), "{message}");
    insta::assert_snapshot!(message, @r#"
        chatdevd.toml:1:10: domain: expected a domain name, such as "example.net", found "\u{1b}[2J" (domain doesn’t pass idna validation)
        chatdevd.toml:2:1: unknown key `\u{1b}[31mred`
          help: `chatdevd config default` prints every key
        "#);
}

#[test]
fn what_needs_rosters_is_refused_until_there_are_rosters() {
    let text = "[directory]\nvisibility = \"contacts\"\nendpoints = \"contacts\"\nroster_push_max = 500\n";
    insta::assert_snapshot!(check(text), @r#"
    chatdevd.toml:2:14: directory.visibility: "contacts" needs contact lists, which this version does not keep yet
      help: use "everyone" or "off"
    chatdevd.toml:3:13: directory.endpoints: "contacts" needs contact lists, which this version does not keep yet
      help: use "everyone" or "nobody"
    chatdevd.toml:4:19: directory.roster_push_max: showing people online in a roster group needs contact lists, which this version does not keep yet
      help: leave it at 0
    "#);
}

#[test]
fn open_registration_on_a_public_address_is_refused_with_the_fix() {
    insta::assert_snapshot!(check("listen = [\"127.0.0.1:5222\", \"0.0.0.0:5222\"]\n"), @r#"
    chatdevd.toml:1:10: registration is open, and 0.0.0.0:5222 is not a loopback address: anybody who reaches it could make accounts, in any number
      help: close registration (`--registration closed`, or `registration.open = false`) and add people with `chatdevd account add NAME`
    "#);
    let mut layers = Layers::new();
    layers.file(Path::new("f"), "listen = [\"192.0.2.1:5222\"]\n[registration]\nopen = false\n");
    layers.finish().unwrap();
}

#[test]
fn an_address_that_maps_to_loopback_is_loopback_and_no_other_is() {
    let finish = |address: &str| {
        let mut layers = Layers::new();
        layers.flag("--listen", "listen", address);
        layers.finish()
    };
    for address in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
        finish(address).unwrap();
    }
    for address in ["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "[fe80::1]:1", "[::ffff:10.0.0.1]:1"] {
        finish(address).unwrap_err();
    }
}

#[test]
fn encryption_is_given_up_on_loopback_only() {
    insta::assert_snapshot!(check("listen = [\"[2001:db8::1]:5222\"]\nregistration.open = false\ntls.required = false\n"), @r#"
    chatdevd.toml:3:16: tls.required is false, and [2001:db8::1]:5222 is not a loopback address: passwords and messages would cross the network in the clear
      help: leave tls.required at true, or listen on 127.0.0.1 and [::1] only
    "#);
    let mut layers = Layers::new();
    layers.file(Path::new("f"), "tls.required = false\n");
    assert!(!layers.finish().unwrap().tls.required);
}

#[test]
fn a_certificate_needs_its_key() {
    insta::assert_snapshot!(check("[tls]\ncertificate = \"cert.pem\"\n"), @r#"
    chatdevd.toml:2:15: tls.certificate is set and tls.key is not: expected both or neither
      help: without both the server makes a certificate of its own
    "#);
    insta::assert_snapshot!(check("[tls]\nkey = \"key.pem\"\n"), @r#"
    chatdevd.toml:2:7: tls.key is set and tls.certificate is not: expected both or neither
      help: without both the server makes a certificate of its own
    "#);
}

#[test]
fn a_domain_is_a_domain_and_somebody_must_be_listened_to() {
    insta::assert_snapshot!(check("domain = \"\"\nlisten = []\n"), @r#"
    chatdevd.toml:1:10: domain: expected a domain name, such as "example.net", found "" (domain doesn’t pass idna validation)
    chatdevd.toml:2:10: listen: expected at least one address, found none
    "#);
    insta::assert_snapshot!(check("domain = \"alice@example.net\"\n"), @r#"chatdevd.toml:1:10: domain: expected a domain name, such as "example.net", found "alice@example.net" (domain doesn’t pass idna validation)"#);
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_the_defaults() {
    let file =
        "domain = \"file\"\n[log]\nlevel = \"warn\"\n[directory]\ninterval_seconds = 1\nlimit_seconds = 9\n";
    let variables = [("CHATDEVD_DOMAIN", "variable"), ("CHATDEVD_LOG_LEVEL", "debug"), ("PATH", "/bin")];
    let mut layers = Layers::new();
    layers.file(Path::new("f"), file);
    layers.environment(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    layers.flag("--domain", "domain", "flag");
    let config = layers.finish().unwrap();
    assert_eq!(config.domain, "flag");
    assert_eq!(config.log.level, LogLevel::Debug);
    assert_eq!(config.directory.interval_seconds, 1);
    assert_eq!(config.limits, Config::default().limits);
}

#[test]
fn the_environment_needs_no_quotes_and_takes_lists() {
    let variables = [
        ("CHATDEVD_LISTEN", "127.0.0.1:0, [::1]:0"),
        ("CHATDEVD_DOMAIN", "true"),
        ("CHATDEVD_DIRECTORY_INTERVAL_SECONDS", "7"),
        ("CHATDEVD_TLS_REQUIRED", "false"),
        ("CHATDEVD_DIRECTORY_ENDPOINT_ALLOW", "[\"198.51.100.7\"]"),
        ("CHATDEVD_LOG_FORMAT", ""),
        ("CHATDEVD_CONFIG", "some/file"),
        ("CHATDEVD_LOG_FILTER", "chatdev_net=debug"),
    ];
    let mut layers = Layers::new();
    layers.environment(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(layers.warnings(), []);
    let config = layers.finish().unwrap();
    assert_eq!(config.listen, ["127.0.0.1:0".parse().unwrap(), "[::1]:0".parse().unwrap()]);
    assert_eq!(config.domain, "true");
    assert_eq!(config.directory.interval_seconds, 7);
    assert!(!config.tls.required);
    assert_eq!(config.directory.endpoint_allow, [Network("198.51.100.7/32".parse().unwrap())]);
}

#[test]
fn problems_say_which_variable_or_flag_they_came_with() {
    let variables = [("CHATDEVD_LIMITS_CONNECTIONS_MAX", "many"), ("CHATDEVD_DIRECTORY_LIMIT_SECONDS", "10")];
    let mut layers = Layers::new();
    layers.environment(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    layers.flag("--log-level", "log.level", "loud").flag("--set", "log.levle", "warn").flag("--set", "", "");
    insta::assert_snapshot!(layers.finish().unwrap_err().to_string(), @r#"
    CHATDEVD_LIMITS_CONNECTIONS_MAX: limits.connections_max: expected a whole number from 1 to 1000000, found many
    --log-level: log.level: expected "error", "warn", "info", "debug" or "trace", found loud
    --set: unknown key `log.levle`
      help: did you mean `log.level`?
    --set: unknown key ``
      help: `chatdevd config default` prints every key
    CHATDEVD_DIRECTORY_LIMIT_SECONDS: directory.limit_seconds: expected at least three intervals (60), found 10
      help: one check-in that is lost must not make somebody disappear
    "#);
}

#[test]
fn a_variable_that_is_no_setting_is_a_warning() {
    let variables = [("CHATDEVD_SERVICE_HOST", "10.0.0.1"), ("CHATDEVD_LISTENN", "127.0.0.1:0")];
    let mut layers = Layers::new();
    layers.environment(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let warnings: Vec<_> = layers.warnings().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(warnings.join("\n"), @r#"
    CHATDEVD_LISTENN: no such setting; ignored
      help: did you mean `CHATDEVD_LISTEN`?
    CHATDEVD_SERVICE_HOST: no such setting; ignored
    "#);
    layers.finish().unwrap();
}
