//! Instances of a JSON Schema: valid ones, and ones with something broken.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

/// Makes instances of one schema; the same seed makes the same ones.
pub struct Instances<'a> {
    root: &'a Value,
    rng: StdRng,
}

impl<'a> Instances<'a> {
    /// Instances of `root`, a whole schema document.
    pub fn of(root: &'a Value, seed: u64) -> Self {
        Self { root, rng: StdRng::seed_from_u64(seed) }
    }

    /// An instance the schema accepts.
    pub fn valid(&mut self) -> Value {
        self.make(self.root)
    }

    /// An instance with one thing changed at random; the schema may or may not accept it.
    pub fn changed(&mut self) -> Value {
        let mut value = self.valid();
        let mut places = Vec::new();
        walk(&value, String::new(), &mut places);
        let place = places[self.rng.random_range(0..places.len())].clone();
        let Some(target) = value.pointer_mut(&place) else { return value };
        match (target, self.rng.random_range(0..4)) {
            (Value::Object(fields), 0) if !fields.is_empty() => {
                let names: Vec<String> = fields.keys().cloned().collect();
                fields.remove(&names[self.rng.random_range(0..names.len())]);
            }
            (Value::Object(fields), 1) => drop(fields.insert("surprise".into(), json!(1))),
            (Value::Array(items), 0) if !items.is_empty() => items.extend(items.clone()),
            (Value::Array(items), 1) => items.clear(),
            (Value::Number(number), 0 | 1) => {
                let near = number.as_f64().unwrap_or_default();
                let steps = [-1.0, 1.0, 0.5, -0.001, 1e6, -1e6, 1e18, 1e30];
                let moved = near + steps[self.rng.random_range(0..steps.len())];
                *number = serde_json::Number::from_f64(moved).unwrap_or_else(|| number.clone());
            }
            (Value::String(text), 0) => text.push_str(&"é".repeat(self.rng.random_range(1..600))),
            (Value::String(text), 1) => {
                text.pop();
            }
            (Value::String(text), 2) => *text = text.to_lowercase() + " ",
            (target, _) => *target = self.stranger(),
        }
        value
    }

    /// A value that has nothing to do with the schema.
    fn stranger(&mut self) -> Value {
        let strangers = [
            Value::Null,
            json!(true),
            json!(""),
            json!("é漢🚚"),
            json!(0),
            json!(-1),
            json!(1.0),
            json!(0.1),
            json!(i64::MAX),
            json!(u64::MAX),
            json!(1e30),
            json!([]),
            json!([null]),
            json!({}),
            json!({ "a": { "b": [1] } }),
            json!("2026-02-30T00:00:00Z"),
            json!("2026-11-21T08:30:60Z"),
            json!("2026-11-21 08:30:00Z"),
            json!("2026-11-21T08:30:00+05:30"),
        ];
        strangers[self.rng.random_range(0..strangers.len())].clone()
    }

    fn make(&mut self, schema: &'a Value) -> Value {
        if let Some(target) = schema["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
            return self.make(self.root.pointer(target).expect("a reference within the schema"));
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(several) = schema["enum"].as_array() {
            return several[self.rng.random_range(0..several.len())].clone();
        }
        if let Some(branches) = schema["anyOf"].as_array() {
            let branch = self.rng.random_range(0..branches.len());
            return self.make(&branches[branch]);
        }
        let kind = match &schema["type"] {
            Value::String(kind) => kind.as_str(),
            Value::Array(kinds) => kinds[self.rng.random_range(0..kinds.len())].as_str().expect("a type"),
            _ if schema.get("oneOf").is_some() && schema.get("properties").is_none() => {
                let branches = schema["oneOf"].as_array().expect("branches");
                let branch = self.rng.random_range(0..branches.len());
                return self.make(&branches[branch]);
            }
            _ => return self.stranger(),
        };
        match kind {
            "null" => Value::Null,
            "boolean" => self.rng.random::<bool>().into(),
            "integer" => {
                let (low, high) = (schema["minimum"].as_i64().unwrap_or(0), schema["maximum"].as_i64().unwrap_or(1000));
                self.rng.random_range(low..=high).into()
            }
            "number" => {
                let bound = |name: &str, or: f64| schema[name].as_f64().unwrap_or(or);
                let (low, high) = (bound("minimum", -1000.0), bound("maximum", 1000.0));
                let number = self.rng.random_range(low..=high);
                if self.rng.random() { json!(number) } else { json!(number.round().clamp(low, high)) }
            }
            "string" => self.string(schema).into(),
            "array" => {
                let low = schema["minItems"].as_u64().unwrap_or(0);
                let high = schema["maxItems"].as_u64().unwrap_or(4).min(low + 4);
                let count = self.rng.random_range(low..=high);
                (0..count).map(|_| self.make(&schema["items"])).collect()
            }
            "object" => self.object(schema),
            other => panic!("the type {other} is unknown"),
        }
    }

    fn string(&mut self, schema: &Value) -> String {
        if schema["format"] == "date-time" {
            let fraction = ["", ".5", ".123456789"][self.rng.random_range(0..3)];
            let zone = ["Z", "+05:30", "-11:00"][self.rng.random_range(0..3)];
            let (day, hour) = (self.rng.random_range(1..=28), self.rng.random_range(0..24));
            return format!("2026-11-{day:02}T{hour:02}:59:59{fraction}{zone}");
        }
        if let Some(pattern) = schema["pattern"].as_str() {
            let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
            let strings = rand_regex::Regex::compile(pattern, 20).expect("a pattern");
            return self.rng.sample(&strings);
        }
        let low = schema["minLength"].as_u64().unwrap_or(0);
        let high = schema["maxLength"].as_u64().unwrap_or(20);
        let length = match self.rng.random_range(0..4) {
            0 => low,
            1 => high,
            _ => self.rng.random_range(low..=high.min(low + 30)),
        };
        let letters = ['a', 'Z', '0', ' ', 'é', '漢', '🚚', '"', '\\', '\n'];
        (0..length).map(|_| letters[self.rng.random_range(0..letters.len())]).collect()
    }

    fn object(&mut self, schema: &'a Value) -> Value {
        let names = |list: &Value| -> Vec<String> {
            list.as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
        };
        let mut required = names(&schema["required"]);
        let mut forbidden = Vec::new();
        if let Some(branches) = schema["oneOf"].as_array() {
            let chosen = self.rng.random_range(0..branches.len());
            for (index, branch) in branches.iter().enumerate() {
                if index == chosen { &mut required } else { &mut forbidden }.extend(names(&branch["required"]));
            }
        }
        let mut fields = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let needed = required.contains(name);
            if forbidden.contains(name) || !needed && self.rng.random() {
                continue;
            }
            let mut value = self.make(property);
            for _ in 0..20 {
                if !(needed && value.is_null()) {
                    break;
                }
                value = self.make(property);
            }
            fields.insert(name.clone(), value);
        }
        Value::Object(fields)
    }
}

fn walk(value: &Value, pointer: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| walk(item, format!("{pointer}/{index}"), places));
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                walk(field, format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), places);
            }
        }
        _ => {}
    }
    places.push(pointer);
}
