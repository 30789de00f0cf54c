"""Two OpenAPI documents of 5 MB that differ in a few hundred places, for `enver diff`.

They are shaped as large published contracts are: some 1,600 operations, 2,600 named schemas that refer to one another,
also in circles, with descriptions, examples, enums, formats, compositions and nullable properties.
"""

import json
import random

OPERATIONS, SCHEMAS = 1600, 2600


def pair(folder, seed=20240131):
    """Writes old.json and new.json; the paths of both."""
    document = make(random.Random(seed))
    old, new = folder / "old.json", folder / "new.json"
    old.write_text(json.dumps(document, indent=1))
    change(document, random.Random(seed + 1))
    new.write_text(json.dumps(document, indent=1))
    return old, new


def make(random):
    schemas = {f"Schema{number}": schema(number, random) for number in range(SCHEMAS)}
    paths = {}
    for number in range(OPERATIONS):
        reference = lambda: {"$ref": f"#/components/schemas/Schema{random.randrange(SCHEMAS)}"}
        method = random.choice(["get", "post", "put", "delete"])
        operation = {
            "operationId": f"operation{number}",
            "summary": f"Operation {number} of the contract",
            "description": words(random, 30),
            "tags": [f"tag{number % 40}"],
            "parameters": [
                {"in": "path", "name": "id", "required": True, "schema": {"type": "string", "maxLength": 64}},
                {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                {"in": "query", "name": "expand", "schema": {"type": "array", "items": {"type": "string"}}},
            ],
            "responses": {
                "200": {"description": "good", "content": {"application/json": {"schema": reference()}}},
                "default": {"description": "bad", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Schema0"}}}},
            },
        }
        if method in ("post", "put"):
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference()}}}
        paths[f"/v1/resource{number}/{{id}}"] = {method: operation}
    return {"openapi": "3.0.3", "info": {"title": "Large", "version": "1"}, "paths": paths,
            "components": {"schemas": schemas}}


def schema(number, random):
    properties = {}
    for index in range(random.randrange(4, 12)):
        properties[f"property{index}"] = random.choice([
            lambda: {"type": "string", "maxLength": random.randrange(10, 5000), "description": words(random, 12)},
            lambda: {"type": "integer", "format": "int64", "minimum": 0, "example": 7},
            lambda: {"type": "string", "enum": [f"value{n}" for n in range(random.randrange(2, 9))]},
            lambda: {"type": "string", "format": random.choice(["date-time", "uuid", "email"]), "nullable": True},
            lambda: {"type": "array", "maxItems": 50, "items": {"$ref": f"#/components/schemas/Schema{random.randrange(SCHEMAS)}"}},
            lambda: {"$ref": f"#/components/schemas/Schema{random.randrange(SCHEMAS)}"},
            lambda: {"anyOf": [{"type": "string"}, {"$ref": f"#/components/schemas/Schema{random.randrange(SCHEMAS)}"}]},
            lambda: {"type": "object", "additionalProperties": {"type": "string"}, "description": words(random, 9)},
        ])()
    plain = [name for name, value in properties.items() if value.get("type") in ("string", "integer")]
    return {"type": "object", "title": f"Schema {number}", "description": words(random, 25),
            "required": plain[:2], "properties": properties}


def change(document, random):
    schemas = document["components"]["schemas"]
    for name in random.sample(sorted(schemas), 200):
        properties = schemas[name]["properties"]
        key = random.choice(sorted(properties))
        value = properties[key]
        if "maxLength" in value:
            value["maxLength"] += random.choice([-1, 1])
        elif "enum" in value:
            value["enum"].append("another")
        elif "minimum" in value:
            value["minimum"] = 1
        else:
            properties["added"] = {"type": "string"}
    for path in random.sample(sorted(document["paths"]), 10):
        del document["paths"][path]


def words(random, count):
    return " ".join(random.choice(["the", "booking", "of", "a", "truck", "shipper", "carrier", "freight", "and", "value",
                                   "which", "holds", "price", "route", "when", "known"]) for _ in range(count))
