//! The committed pages are those of the rules. `GRADWISE_BLESS=1` writes them anew.

use gradwise_health::{docs, rules};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn the_committed_pages_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    let mut pages: BTreeMap<String, String> =
        rules::ALL.iter().map(|rule| (format!("{}.md", rule.id), docs::page(rule))).collect();
    pages.insert("README.md".into(), docs::index());
    if std::env::var_os("GRADWISE_BLESS").is_some() {
        fs::create_dir_all(&folder).unwrap();
        pages.iter().for_each(|(name, text)| fs::write(folder.join(name), text).unwrap());
    }
    for (name, text) in &pages {
        let committed = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(committed == *text, "{name} is out of date: GRADWISE_BLESS=1 writes it anew");
    }
    let files = fs::read_dir(&folder).unwrap().flatten();
    for file in files.map(|f| f.file_name().to_string_lossy().into_owned()) {
        assert!(pages.contains_key(&file), "{file} is the page of no rule");
    }
}

#[test]
fn every_rule_is_complete_and_explains_only_known_ones() {
    for rule in &rules::ALL {
        assert_eq!(rules::ALL.iter().filter(|r| r.id == rule.id).count(), 1, "{}", rule.id);
        assert!(!rule.title.ends_with('.') && rule.looks_at.ends_with('.'), "{}", rule.id);
        assert!(rule.harm.ends_with('.') && rule.remedy.ends_with('.'), "{}", rule.id);
        for id in rule.explains {
            assert!(rules::find(id).is_some() && *id != rule.id, "{} explains {id}", rule.id);
        }
        assert!(rule.thresholds.iter().all(|t| !t.source.is_empty()), "{}", rule.id);
    }
}
