# Made from mock-data/use-cases/uc2-prices.yaml by `enver bdd generate`: change that, not this.
@UC2
Feature: UC2 Prices are configured, changed and rolled back
  As an administrator
  I want to set what transports cost for my company, to see who changed it and why, and to undo it
  So that a price is never a matter of a release

  Privacy: A company's prices and contracts are its own; others see the platform's defaults, and shippers see only what concerns them.

  @uc2-prices @smoke
  Scenario: Asha makes coal dearer, dearer still, and thinks better of it
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Asha reads what transports cost
    Then the answer to asha is 200 OK
      | etag (header) | matches ^"[0-9]+-0"$                                                                                                                      |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-0, value basePerTonne 50000, currency INR, materialMul… |
      | data.document | is services.booking.(the enver).business.pricing                                                                                          |
      | data.value    | is basePerTonne 50000, currency INR, materialMultipliers coal 1.0, fertilizer 1.2, iron_ore 1.1, limestone 0.9, perTonneKil…              |
      | data.own      | is there                                                                                                                                  |
    When It has not changed since
    Then the answer to asha is 304 Not Modified
    When She asks what a change would meet
    Then the answer to asha is 200 OK
      | data.valid    | is true |
      | data.errors   | is      |
      | data.warnings | is      |
    When And what nonsense would
    Then the answer to asha is 200 OK
      | data.valid    | is false                                                                        |
      | data.errors   | has pointer /value/basePerTonne, rule minimum, message diesel has become dearer |
      | data.warnings | is                                                                              |
    When She approves it, which nobody has asked for
    Then the answer to asha is 201 Created
      | data | has the form of approvalToken example.of.an.approval, expiresAt now+1d |
    When She makes coal dearer
    Then the answer to asha is 200 OK
    # announces config.changed
    # which reaches applyConfigurationChange of booking
      | etag (header) | matches ^"[0-9]+-1"$                                                                                                                      |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document | is services.booking.(the enver).business.pricing                                                                                          |
      | data.value    | is basePerTonne 60000, currency INR, materialMultipliers coal 1.0, fertilizer 1.2, iron_ore 1.1, limestone 0.9, perTonneKil…              |
    And Ravi is asked for more
      | data                   | has the form of quoteId QT-00000000000000C1, quoteToken example_of_a_quote_that_nobody_signed, freight pickup address Nalgonda, lat 17.0… |
      | data.price             | has the form of baseAmount 750000, currency INR, discounts , distanceCharge 787500, materialSurcharge 0, priceVersion 1-1, surgeAmount 0… |
      | data.price.baseAmount  | is 750000                                                                                                                                 |
      | data.price.totalAmount | is 1814250                                                                                                                                |
    And The change has a number, an author and a reason
      | data        | has the form of number 1, action update, deleted false, value basePerTonne 60000, author a5a00000000000000000000000000001, reason diesel… |
      | data.number | is 1                                                                                                                                      |
      | data.author | is the asha from before                                                                                                                   |
      | data.reason | is diesel has become dearer                                                                                                               |
      | data.value  | is basePerTonne 60000                                                                                                                     |
    When She makes it dearer still
    Then the answer to asha is 200 OK
    # announces config.changed
      | etag (header) | matches ^"[0-9]+-2"$                                                                                                                      |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
    When That was a mistake, so she undoes it
    Then the answer to asha is 200 OK
    # announces config.changed
    # which reaches applyConfigurationChange of booking
      | etag (header) | matches ^"[0-9]+-3"$                                                                                                                      |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.value    | is basePerTonne 60000, currency INR, materialMultipliers coal 1.0, fertilizer 1.2, iron_ore 1.1, limestone 0.9, perTonneKil…              |
    And The history has all three, the newest first
      | data[0]        | has the form of number 1, action update, deleted false, value basePerTonne 60000, author a5a00000000000000000000000000001, reason diesel… |
      | data[0].number | is 3                                                                                                                                      |
      | data[0].action | is rollback                                                                                                                               |
      | data[0].value  | is basePerTonne 60000                                                                                                                     |
      | data[1]        | has the form of number 1, action update, deleted false, value basePerTonne 60000, author a5a00000000000000000000000000001, reason diesel… |
      | data[1].number | is 2                                                                                                                                      |
      | data[1].action | is update                                                                                                                                 |
      | data[1].value  | is basePerTonne 70000                                                                                                                     |
      | data[2]        | has the form of number 1, action update, deleted false, value basePerTonne 60000, author a5a00000000000000000000000000001, reason diesel… |
      | data[2].number | is 1                                                                                                                                      |
      | data[2].action | is update                                                                                                                                 |
      | data[2].value  | is basePerTonne 60000                                                                                                                     |
      | pagination     | has the form of pageSize 20                                                                                                               |
    When Acme goes back to the platform's prices
    Then the answer to asha is 200 OK
    # announces config.changed
    # which reaches applyConfigurationChange of booking
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.value    | is basePerTonne 50000, currency INR, materialMultipliers coal 1.0, fertilizer 1.2, iron_ore 1.1, limestone 0.9, perTonneKil…              |
    And Ravi is asked for what everybody is asked for
      | data                   | has the form of quoteId QT-00000000000000C1, quoteToken example_of_a_quote_that_nobody_signed, freight pickup address Nalgonda, lat 17.0… |
      | data.price             | has the form of baseAmount 625000, currency INR, discounts , distanceCharge 787500, materialSurcharge 0, priceVersion 1-0, surgeAmount 0… |
      | data.price.totalAmount | is 1666750                                                                                                                                |

  @uc2-prices @smoke @cases
  Scenario Outline: What is not read
    Given the state after "Asha makes coal dearer, dearer still, and thinks better of it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                       | caller | status | code               |
      | A document that nobody has | asha   | 404    | DOCUMENT_NOT_FOUND |

  @uc2-prices @smoke @cases
  Scenario Outline: What is not even tried
    Given the state after "Asha makes coal dearer, dearer still, and thinks better of it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                            | caller | status | code               |
      | A document that nobody has      | asha   | 404    | DOCUMENT_NOT_FOUND |
      | Only the platform gives schemas | asha   | 403    | SCHEMA_RESERVED    |

  @uc2-prices @smoke @cases
  Scenario Outline: What is not approved
    Given the state after "Asha makes coal dearer, dearer still, and thinks better of it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                            | caller | status | code               |
      | A document that nobody has      | asha   | 404    | DOCUMENT_NOT_FOUND |
      | Only the platform gives schemas | asha   | 403    | SCHEMA_RESERVED    |
      | A version that is gone          | asha   | 409    | VERSION_CHANGED    |

  @uc2-prices @smoke @cases
  Scenario Outline: What is not changed
    Given the state after "Asha makes coal dearer, dearer still, and thinks better of it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                          | caller | status | code                   |
      | A document that nobody has                    | asha   | 404    | DOCUMENT_NOT_FOUND     |
      | Only the platform gives schemas               | asha   | 403    | SCHEMA_RESERVED        |
      | A document that has changed since it was read | asha   | 409    | VERSION_CHANGED        |
      | Prices that are none                          | asha   | 400    | VALIDATION_ERROR       |
      | An idempotency key is good for one request    | asha   | 422    | IDEMPOTENCY_KEY_REUSED |

  @uc2-prices @smoke @cases
  Scenario Outline: What is not undone
    Given the state after "Asha makes coal dearer, dearer still, and thinks better of it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | A document that nobody has                 | asha   | 404    | DOCUMENT_NOT_FOUND     |
      | A token that nobody was given              | asha   | 422    | ROLLBACK_TOKEN_INVALID |
      | Something else has changed since           | asha   | 409    | VERSION_CHANGED        |
      | An idempotency key is good for one request | asha   | 422    | IDEMPOTENCY_KEY_REUSED |

  @uc2-prices @smoke @cases
  Scenario Outline: What is not ended
    Given the state after "Asha makes coal dearer, dearer still, and thinks better of it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller   | status | code                   |
      | A document that nobody has                 | asha     | 404    | DOCUMENT_NOT_FOUND     |
      | Acme sets nothing any more                 | asha     | 404    | NOT_OVERRIDDEN         |
      | An idempotency key is good for one request | asha     | 422    | IDEMPOTENCY_KEY_REUSED |
      | The platform's own is everybody's          | platform | 422    | PLATFORM_DEFAULT       |

  @uc2-prices @smoke @cases
  Scenario Outline: What the history does not have
    Given the state after "Asha makes coal dearer, dearer still, and thinks better of it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                        | caller | status | code               |
      | A document that nobody has  | asha   | 404    | DOCUMENT_NOT_FOUND |
      | A version that nobody wrote | asha   | 404    | VERSION_NOT_FOUND  |

  @uc2-prices @smoke @cases
  Scenario Outline: What has no history
    Given the state after "Asha makes coal dearer, dearer still, and thinks better of it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                       | caller | status | code               |
      | A document that nobody has | asha   | 404    | DOCUMENT_NOT_FOUND |

  @uc2-gone
  Scenario: A change that was overtaken neither ends nor undoes anything
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Asha reads what transports cost
    Then the answer to asha is 200 OK
      | etag (header) | matches ^"[0-9]+-0"$                                                                                                                      |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-0, value basePerTonne 50000, currency INR, materialMul… |
    When She makes coal dearer
    Then the answer to asha is 200 OK
    # announces config.changed
      | data | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
    When Whoever still has the first version ends nothing
    Then the answer to asha is 409 VERSION_CHANGED

  @uc2-contracts
  Scenario: Asha agrees on prices with Ravi
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When A tenth off for Ravi's freight, from the first tonne
    Then the answer to asha is 201 Created
      | data              | has the form of contractId CT-00000000000000C1, shipperId a5a00000000000000000000000000002, contractType volume_based, terms volumeBased… |
      | data.shipperId    | is the ravi from before                                                                                                                   |
      | data.contractType | is volume_based                                                                                                                           |
      | data.terms        | is volumeBased tiers discountBasisPoints 1000, fromTonnes 0                                                                               |
    When And one rate for the way back
    Then the answer to asha is 201 Created
      | data              | has the form of shipperId a5a00000000000000000000000000002, startsAt now-1d, endsAt now+90d, createdAt now, contractId CT-00000000000000… |
      | data.contractType | is route_specific                                                                                                                         |
    When Ravi reads what was agreed
    Then the answer to ravi is 200 OK
      | data            | has the form of contractId CT-00000000000000C1, shipperId a5a00000000000000000000000000002, contractType volume_based, terms volumeBased… |
      | data.contractId | is the contractId from before                                                                                                             |
    When He finds both among his contracts
    Then the answer to ravi is 200 OK
      | data       | has the length 2 and has contractId CT-00000000000000C1, shipperId a5a00000000000000000000000000002, contractType volume_based, terms volumeBased… and shipperId a5a00000000000000000000000000002, startsAt now-1d, endsAt now+90d, createdAt now, contractId CT-00000000000000… |
      | pagination | has the form of pageSize 20                                                                                                                                                                                                                                                      |
    When His coal costs a tenth less under it
    Then the answer to ravi is 201 Created
      | data                   | has the form of quoteId QT-00000000000000C1, quoteToken example_of_a_quote_that_nobody_signed, freight pickup address Nalgonda, lat 17.0… |
      | data.price             | has the form of baseAmount 625000, currency INR, discounts amount 141250, name VOLUME_BASED, distanceCharge 787500, materialSurcharge 0,… |
      | data.price.discounts   | is amount 141250, name VOLUME_BASED                                                                                                       |
      | data.price.totalAmount | is 1500075                                                                                                                                |
    When He asks a second time, while the month has carried nothing yet
    Then the answer to ravi is 201 Created
      | data       | has the form of quoteId QT-00000000000000C1, quoteToken example_of_a_quote_that_nobody_signed, freight pickup address Nalgonda, lat 17.0… |
      | data.price | has the form of baseAmount 625000, currency INR, discounts amount 141250, name VOLUME_BASED, distanceCharge 787500, materialSurcharge 0,… |
    When He books from the first
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data                   | has the form of bookingId BK-00000000000000C1, shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgon… |
      | data.price             | has the form of baseAmount 625000, currency INR, discounts amount 141250, name VOLUME_BASED, distanceCharge 787500, materialSurcharge 0,… |
      | data.price.totalAmount | is 1500075                                                                                                                                |
    When And one more without a quote
    Then the answer to ravi is 201 Created
    # announces booking.created
      | data       | has the form of shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgonda, lat 17.05, lng 79.27, drop … |
      | data.price | has the form of baseAmount 625000, currency INR, discounts amount 141250, name VOLUME_BASED, distanceCharge 787500, materialSurcharge 0,… |
    When Asha ends the contract
    Then the answer to asha is 200 OK
      | data            | has the form of shipperId a5a00000000000000000000000000002, contractType volume_based, terms volumeBased tiers discountBasisPoints 1000,… |
      | data.contractId | is the contractId from before                                                                                                             |

  @uc2-contracts @cases
  Scenario Outline: What is not agreed
    Given the state after "Asha agrees on prices with Ravi"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                    |
      | It ends before it starts                   | asha   | 422    | CONTRACT_PERIOD_REFUSED |
      | Four years are too long                    | asha   | 422    | CONTRACT_PERIOD_REFUSED |
      | More than half is not taken off            | asha   | 422    | DISCOUNT_TOO_LARGE      |
      | An idempotency key is good for one request | asha   | 422    | IDEMPOTENCY_KEY_REUSED  |

  @uc2-contracts @cases
  Scenario Outline: What is not priced under a contract
    Given the state after "Asha agrees on prices with Ravi"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                        | caller | status | code                  |
      | The contract has ended      | ravi   | 422    | CONTRACT_NOT_IN_FORCE |
      | It is for another route     | ravi   | 422    | ROUTE_NOT_COVERED     |
      | A contract that nobody made | ravi   | 404    | CONTRACT_NOT_FOUND    |

  @uc2-contracts @cases
  Scenario Outline: What is not booked under a contract
    Given the state after "Asha agrees on prices with Ravi"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                | caller | status | code                  |
      | The contract has ended                              | ravi   | 422    | CONTRACT_NOT_IN_FORCE |
      | It is for another route                             | ravi   | 422    | ROUTE_NOT_COVERED     |
      | A contract that nobody made                         | ravi   | 404    | CONTRACT_NOT_FOUND    |
      | Forty-one tonnes are more than any truck takes      | ravi   | 422    | TOO_HEAVY             |
      | Five thousand kilometres are further than trucks go | ravi   | 422    | TOO_FAR               |
      | A road is not shorter than the way of a bird        | ravi   | 422    | DISTANCE_TOO_SHORT    |
      | A pickup in half an hour is too soon                | ravi   | 422    | BOOKING_WINDOW_CLOSED |

  @uc2-contracts @cases
  Scenario Outline: A price that a month's tonnes have overtaken
    Given the state after "Asha agrees on prices with Ravi"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                               | caller | status | code                |
      | Other freight was carried under the contract since | ravi   | 409    | CONTRACT_USED_SINCE |

  @uc2-contracts @cases
  Scenario Outline: What was never agreed
    Given the state after "Asha agrees on prices with Ravi"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                        | caller | status | code               |
      | A contract that nobody made | ravi   | 404    | CONTRACT_NOT_FOUND |

  @uc2-contracts @cases
  Scenario Outline: What is not ended
    Given the state after "Asha agrees on prices with Ravi"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | It has ended already                       | asha   | 409    | CONTRACT_ENDED         |
      | A contract that nobody made                | asha   | 404    | CONTRACT_NOT_FOUND     |
      | An idempotency key is good for one request | asha   | 422    | IDEMPOTENCY_KEY_REUSED |

  @uc2-two-pairs-of-eyes
  Scenario: What matters is changed by two
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Asha registers Anil, who administers Acme with her
    Then the answer to asha is 201 Created
    # announces user.registered
      | data           | has the form of userId a5a00000000000000000000000000005, email anil@acme-….example, name Anil Joshi, password four eyes see it better, r… |
      | data.password  | is absent                                                                                                                                 |
      | data.createdAt | has the form of now                                                                                                                       |
    When Anil logs in
    Then the answer to anil without a token is 200 OK
      | data | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |
    When The platform's administrator reads which changes need two
    Then the answer to platform is 200 OK
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-0, value basePerTonne 50000, currency INR, materialMul… |
      | data.document | is global.operational.configuration                                                                                                       |
      | data.value    | has the form of changeControl approvalSeconds 86400, categories business, compliance, integration, operational, security, technical, env… |
    When Here none does
    Then the answer to platform is 200 OK
    # announces config.changed
      | etag (header)            | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data                     | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document            | is global.operational.configuration                                                                                                       |
      | data.value               | is changeControl approvalSeconds 86400, categories business, compliance, integration, operational, security, technical, env…              |
      | data.value.maxAgeSeconds | is the maxAge from before                                                                                                                 |
    When They bring a document of how heavy things may be
    Then the answer to platform is 200 OK
    # announces config.changed
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document | is global.compliance.weights-…                                                                                                            |
      | data.value    | is maximum 40                                                                                                                             |
    When They let more pass
    Then the answer to platform is 200 OK
    # announces config.changed
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document | is global.compliance.weights-…                                                                                                            |
      | data.value    | is maximum 40                                                                                                                             |
    When Asha reads it
    Then the answer to asha is 200 OK
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-0, value basePerTonne 50000, currency INR, materialMul… |
      | data.document | is global.compliance.weights-…                                                                                                            |
      | data.value    | is anything                                                                                                                               |
    When She lets fifty pass at Acme
    Then the answer to asha is 200 OK
    # announces config.changed
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document | is global.compliance.weights-…                                                                                                            |
      | data.value    | is maximum 50                                                                                                                             |
    When The platform cannot take back what Acme relies on
    Then the answer to platform is 422 BREAKS_OVERRIDES
    When Neither can they undo that they let it pass
    Then the answer to platform is 422 BREAKS_OVERRIDES
    When From now on changes of that kind need two
    Then the answer to platform is 200 OK
    # announces config.changed
      | etag (header)            | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data                     | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document            | is global.operational.configuration                                                                                                       |
      | data.value               | is maxAgeSeconds 300, references maximumBytes 65536, maximumCount 100, maximumDepth 8, changeControl environments main, the…              |
      | data.value.maxAgeSeconds | is the maxAge from before                                                                                                                 |
    When Whoever tries one is told so
    Then the answer to asha is 200 OK
      | data.valid    | is true          |
      | data.errors   | is               |
      | data.warnings | has rule control |
    When Without a ticket nothing is changed
    Then the answer to asha is 422 CHANGE_TICKET_REQUIRED
    When Nor is it ended
    Then the answer to asha is 422 CHANGE_TICKET_REQUIRED
    When Nor undone
    Then the answer to asha is 422 CHANGE_TICKET_REQUIRED
    When Anil approves the change that Asha has in mind
    Then the answer to anil is 201 Created
      | data | has the form of approvalToken example.of.an.approval, expiresAt now+1d |

  @uc2-two-pairs-of-eyes @cases
  Scenario Outline: What one alone does not change
    Given the state after "What matters is changed by two"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                               | caller | status | code              |
      | With a ticket and no approval      | asha   | 422    | APPROVAL_REQUIRED |
      | With an approval that nobody gave  | asha   | 422    | APPROVAL_INVALID  |
      | With an approval of another change | asha   | 422    | APPROVAL_INVALID  |

  @uc2-two-pairs-of-eyes @cases
  Scenario Outline: What one alone does not end
    Given the state after "What matters is changed by two"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                               | caller | status | code              |
      | With a ticket and no approval      | asha   | 422    | APPROVAL_REQUIRED |
      | With an approval of another change | asha   | 422    | APPROVAL_INVALID  |

  @uc2-two-pairs-of-eyes @cases
  Scenario Outline: What one alone does not undo
    Given the state after "What matters is changed by two"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                               | caller | status | code              |
      | With a ticket and no approval      | asha   | 422    | APPROVAL_REQUIRED |
      | With an approval of another change | asha   | 422    | APPROVAL_INVALID  |

  @uc2-two-pairs-of-eyes @cases
  Scenario Outline: What two change
    Given the state after "What matters is changed by two"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                              | caller | status | code |
      | With a ticket and Anil's approval | asha   | 200    | OK   |

  @uc2-two-pairs-of-eyes @cases
  Scenario Outline: Control ends
    Given the state after "What matters is changed by two"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                           | caller   | status | code |
      | Afterwards one is enough again | platform | 200    | OK   |

  @uc2-references
  Scenario: A document refers to another, until that says nothing any more
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When The platform brings a document of where trucks sleep
    Then the answer to platform is 200 OK
    # announces config.changed
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document | is global.operational.depots-…                                                                                                            |
      | data.value    | is city nowhere                                                                                                                           |
    When And one for notes
    Then the answer to platform is 200 OK
    # announces config.changed
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document | is global.operational.notes-…                                                                                                             |
      | data.value    | is text nothing to note                                                                                                                   |
    When Asha reads the first
    Then the answer to asha is 200 OK
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-0, value basePerTonne 50000, currency INR, materialMul… |
      | data.document | is global.operational.depots-…                                                                                                            |
      | data.value    | is anything                                                                                                                               |
    When She adds Acme's gate
    Then the answer to asha is 200 OK
    # announces config.changed
      | etag (header)   | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data            | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document   | is global.operational.depots-…                                                                                                            |
      | data.value.gate | is the northern one                                                                                                                       |
    When She reads the notes
    Then the answer to asha is 200 OK
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-0, value basePerTonne 50000, currency INR, materialMul… |
      | data.document | is global.operational.notes-…                                                                                                             |
      | data.value    | is anything                                                                                                                               |
    When Her note refers to the gate
    Then the answer to asha is 200 OK
    # announces config.changed
      | data            | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document   | is global.operational.notes-…                                                                                                             |
      | data.value.text | is the northern one                                                                                                                       |
    When What is read is the gate itself
    Then the answer to asha is 200 OK
      | data            | has the form of document services.booking.(the enver).business.pricing, version 1-0, value basePerTonne 50000, currency INR, materialMul… |
      | data.document   | is global.operational.notes-…                                                                                                             |
      | data.value.text | is the northern one                                                                                                                       |
      | data.own        | is text {{config:/global/operational/depots-…/gate}}                                                                                      |
    When The gate is closed
    Then the answer to asha is 200 OK
    # announces config.changed
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document | is global.operational.depots-…                                                                                                            |
      | data.value    | is city nowhere                                                                                                                           |
    When The note leads nowhere now, and says so
    Then the answer to asha is 422 REFERENCE_BROKEN
    When For services too
    Then the answer to booking is 422 REFERENCE_BROKEN

  @uc2-services-read
  Scenario: Services read what holds for a company
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When The booking service reads Acme's prices
    Then the answer to booking is 200 OK
      | etag (header)          | matches ^"[0-9]+-0"$                                                                                                                      |
      | cache-control (header) | matches max-age                                                                                                                           |
      | data                   | has the form of document services.booking.(the enver).business.pricing, version 1-0, value basePerTonne 50000, currency INR, materialMul… |
      | data.document          | is services.booking.(the enver).business.pricing                                                                                          |
      | data.value             | is basePerTonne 50000, currency INR, materialMultipliers coal 1.0, fertilizer 1.2, iron_ore 1.1, limestone 0.9, perTonneKil…              |
    When They have not changed since
    Then the answer to booking is 304 Not Modified
    When A page that nobody lists may not call
    Then the answer to booking is 200 OK
      | data.known | is false |
    When Asha reads from where browsers may call
    Then the answer to asha is 200 OK
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                                                                                                                 |
      | data          | has the form of document services.booking.(the enver).business.pricing, version 1-0, value basePerTonne 50000, currency INR, materialMul… |
      | data.document | is global.security.cors                                                                                                                   |
      | data.value    | is anything                                                                                                                               |
    When She lists Acme's page
    Then the answer to asha is 200 OK
    # announces config.changed
      | data                  | has the form of document services.booking.(the enver).business.pricing, version 1-1, value basePerTonne 60000, currency INR, materialMul… |
      | data.document         | is global.security.cors                                                                                                                   |
      | data.value.origins[0] | is https://acme-….example                                                                                                                 |
    When Now it may
    Then the answer to booking is 200 OK
      | data.known | is true |

  @uc2-services-read @cases
  Scenario Outline: What services do not read
    Given the state after "Services read what holds for a company"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                       | caller  | status | code               |
      | A document that nobody has | booking | 404    | DOCUMENT_NOT_FOUND |
