//! What a feature says.

use bdd::feature;

use crate::shop::{USE_CASE, plans};

fn text(use_case: &str) -> String {
    let plans = plans(use_case);
    feature::render(&plans.use_cases[0], &plans)
}

#[test]
fn a_feature_reads_as_the_use_case_says() {
    let expected = r#"# Made from mock-data/use-cases/uc1-a-clerk-sells.yaml by `enver bdd generate`: change that, not this.
@UC1
Feature: UC1 A clerk sells
  As a clerk
  I want to note an order
  So that it is delivered

  Privacy: An order is the clerk's alone.

  @uc1-sale @smoke
  Scenario: Asha sells apples
    Given The shop is open
    When Asha notes an order
    Then the answer to asha is 201 Created
    # announces order.created
      | x-shop (header) | is open                |
      | data.orderId    | matches ^OR-           |
      | data.status     | is open                |
      | data.count      | is 3                   |
      | data.by         | is asha-…@shop.example |
      | data.due        | is now+3d              |
    And The order is kept
      | data.orderId | is the orderId from before |
      | data.tags    | has fresh                  |

  @uc1-sale @smoke @cases
  Scenario Outline: What is not sold
    Given the state after "Asha sells apples"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                      | caller                   | status | code             |
      | No apples at all          | asha                     | 400    | VALIDATION_ERROR |
      | By a token \| of nobody's | asha with a broken token | 401    | UNAUTHORIZED     |
"#;
    assert_eq!(text(USE_CASE), expected);
}

#[test]
fn the_same_use_case_gives_the_same_bytes() {
    assert_eq!(text(USE_CASE), text(USE_CASE));
}
