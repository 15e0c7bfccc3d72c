//! Checks lines against bot.schema.json. Only the keywords that it uses are known; any other is an error, so that nothing
//! goes unchecked.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

static SCHEMA: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("../../bot.schema.json")).unwrap());

/// Panics with the reason if `value` does not fit `$defs/NAME`.
pub(crate) fn check(name: &str, value: &Value) {
    if let Err(reason) = fits(definition(name), value) {
        panic!("this is no {name}: {reason}\n{value}");
    }
}

/// The names of definitions that begin so, without the beginning.
pub(crate) fn names(beginning: &str) -> Vec<String> {
    let all = SCHEMA["$defs"].as_object().unwrap().keys();
    all.filter_map(|name| name.strip_prefix(beginning)).map(Into::into).collect()
}

/// The settings that are numbers, with the least and the greatest.
pub(crate) fn ranges_of_settings() -> Vec<(String, i64, i64)> {
    let kinds = definition("command.set")["anyOf"].as_array().unwrap();
    let ranges = kinds.iter().filter_map(|kind| {
        let fields = &kind["properties"];
        let rule = definition(fields["value"]["$ref"].as_str()?.strip_prefix("#/$defs/")?);
        let name = fields["setting"]["const"].as_str()?.to_owned();
        Some((name, rule["minimum"].as_i64()?, rule["maximum"].as_i64()?))
    });
    ranges.collect()
}

fn definition(name: &str) -> &'static Value {
    SCHEMA["$defs"].get(name).unwrap_or_else(|| panic!("the schema has no {name}"))
}

fn fits(schema: &Value, value: &Value) -> Result<(), String> {
    let schema = schema.as_object().unwrap();
    for (keyword, rule) in schema {
        let ok = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => true,
            "$ref" => {
                fits(definition(rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap()), value)?;
                true
            }
            "anyOf" => any_of(rule.as_array().unwrap(), value)?,
            "type" => rule.as_array().map_or_else(|| is(rule, value), |types| types.iter().any(|one| is(one, value))),
            "enum" => rule.as_array().unwrap().contains(value),
            "const" => rule == value,
            "minimum" => value.as_i64().is_none_or(|number| number >= rule.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|number| number <= rule.as_i64().unwrap()),
            "pattern" => value.as_str().is_none_or(|text| matches(rule.as_str().unwrap(), text)),
            "items" => each(rule, value)?,
            "required" => value.as_object().is_none_or(|fields| {
                rule.as_array().unwrap().iter().all(|name| fields.contains_key(name.as_str().unwrap()))
            }),
            "properties" => properties(rule.as_object().unwrap(), value)?,
            "additionalProperties" => additional(rule, schema, value)?,
            other => panic!("the checker does not know the keyword {other}"),
        };
        if !ok {
            return Err(format!("{value} against {keyword}: {rule}"));
        }
    }
    Ok(())
}

fn any_of(schemas: &[Value], value: &Value) -> Result<bool, String> {
    let reasons: Vec<String> = schemas.iter().filter_map(|schema| fits(schema, value).err()).collect();
    if reasons.len() < schemas.len() { Ok(true) } else { Err(reasons.join("\n  or ")) }
}

fn is(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the checker does not know the type {other}"),
    }
}

fn each(schema: &Value, value: &Value) -> Result<bool, String> {
    value.as_array().into_iter().flatten().try_for_each(|item| fits(schema, item)).map(|()| true)
}

fn properties(schemas: &Map<String, Value>, value: &Value) -> Result<bool, String> {
    for (name, schema) in schemas {
        if let Some(field) = value.get(name) {
            fits(schema, field).map_err(|reason| format!("{name}: {reason}"))?;
        }
    }
    Ok(true)
}

fn additional(rule: &Value, schema: &Map<String, Value>, value: &Value) -> Result<bool, String> {
    let known = |name: &String| schema.get("properties").is_some_and(|known| known.get(name).is_some());
    let mut others = value.as_object().into_iter().flatten().filter(|(name, _)| !known(name));
    match rule {
        Value::Bool(false) => others.next().map_or(Ok(true), |(name, _)| Err(format!("{name} is too much"))),
        rule => others.try_for_each(|(_, field)| fits(rule, field)).map(|()| true),
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let hex = |text: &str| text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    match pattern {
        "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$" => {
            let parts: Vec<&str> = text.split('-').collect();
            parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.into_iter().all(hex)
        }
        "^[0-9a-f]{32}$" => text.len() == 32 && hex(text),
        "^[0-9a-f]{64}$" => text.len() == 64 && hex(text),
        "^ *[0-9]+ *(ms|s|m|h|d) *$" => {
            let unit = text.trim().trim_start_matches(|c: char| c.is_ascii_digit());
            text.trim().len() > unit.len() && ["ms", "s", "m", "h", "d"].contains(&unit.trim())
        }
        other => panic!("the checker does not know the pattern {other}"),
    }
}

#[test]
fn the_checker_finds_what_does_not_fit() {
    check("event", &json!({ "event": "search_ended", "search": 3 }));
    for wrong in [
        json!({ "event": "search_ended", "search": -3 }),
        json!({ "event": "search_ended", "search": "3" }),
        json!({ "event": "search_ended" }),
        json!({ "event": "search_ended", "search": 3, "more": 1 }),
        json!({ "event": "nonsense", "search": 3 }),
        json!(["search_ended"]),
    ] {
        assert!(fits(definition("event"), &wrong).is_err(), "{wrong}");
    }
    assert!(fits(definition("host"), &json!("5c146b14-3c52-8afd-938a-375d0df1fbf6")).is_ok());
    assert!(fits(definition("host"), &json!("5c146b14-3c52-8afd-938a-375d0df1fbfg")).is_err());
    assert!(fits(definition("span"), &json!("10 s")).is_ok());
    assert!(fits(definition("span"), &json!("ten s")).is_err());
}

#[test]
fn the_examples_of_the_bot_s_page_fit() {
    let page = include_str!("../../BOT.md");
    let lines = page.split("```json\n").skip(1).flat_map(|block| block.split("```").next().unwrap().lines());
    let mut found = 0;
    for line in lines {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let kind = if value.get("cmd").is_some() {
            "command"
        } else if value.get("event").is_some() {
            "event"
        } else {
            "reply"
        };
        check(kind, &value);
        found += 1;
    }
    assert!(found > 20, "{found} examples");
}
