# Made from mock-data/use-cases/uc6-two-companies-side-by-side.yaml by `enver bdd generate`: change that, not this.
@UC6
Feature: UC6 Two companies side by side
  As an administrator of a company whose competitor is on the same platform
  I want that nobody of theirs finds, changes or ends anything of ours, whatever they know of it
  So that sharing a platform is no risk

  Privacy: Whose a record is the token says alone. Another company's record is not there: reading, changing and ending it is answered with 404 in the same words as for what never was. Lists and searches hold a company's own. What is unique on the whole platform, an e-mail address, says no more than that it is taken.

  @uc6-people-apart @isolation
  Scenario: Bela knows the ids of everything that is Acme's, and finds none of it
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Bolt, a competitor, joins the same platform
    When Asha makes a role for the night desk
    Then the answer to asha is 201 Created
      | data | is description Answers at night, name night-desk, permissions booking:read, user:read |
    When She invites Deepak
    Then the answer to asha is 201 Created
    # announces invitation.created
      | data       | has the form of invitationId a1710000000000000000000000000001, email deepak@acme-….example, roles driver, invitedBy a5a00000000000000000… |
      | data.email | is deepak@acme-….example                                                                                                                  |
    When She registers the weighbridge
    Then the answer to asha is 201 Created
    # announces client.registered
      | data.client       | has the form of clientId acme-….c11e0000000000000000000000000001, name Weighbridge, roles shipper, redirectUris , createdAt now |
      | data.clientSecret | has the form of c2VjcmV0LW9mLWEtY2xpZW50LW9mLWFjbWUtbWluZXh                                                                     |
    When She makes a key
    Then the answer to asha is 201 Created
    # announces api-key.created
      | data.apiKey  | matches ^ek\\.                                                                                                                            |
      | data.details | has the form of keyId a91ce000000000000000000000000001, userId a5a00000000000000000000000000001, name Nightly import, roles tenant_admin… |
    When Ravi has a session
    Then the answer to ravi is 200 OK
      | data[0]         | has the form of sessionId be550000000000000000000000000001, current true, multiFactor false, authenticatedAt now, refreshedAt now, expir… |
      | data[0].current | is true                                                                                                                                   |
      | pagination      | has the form of pageSize 20                                                                                                               |
    When Bela does not find Ravi
    Then the answer to bela is 404 USER_NOT_FOUND
    When She does not make him hers
    Then the answer to bela is 404 USER_NOT_FOUND
    When She does not shut him out
    Then the answer to bela is 404 USER_NOT_FOUND
    When She does not let him in
    Then the answer to bela is 404 USER_NOT_FOUND
    When She does not take away his second factor
    Then the answer to bela is 404 USER_NOT_FOUND
    When She does not change Acme's role
    Then the answer to bela is 404 ROLE_NOT_FOUND
    When She does not do away with it
    Then the answer to bela is 404 ROLE_NOT_FOUND
    When She does not take the invitation back
    Then the answer to bela is 404 INVITATION_NOT_FOUND
    When She gets no new secret of the weighbridge
    Then the answer to bela is 404 CLIENT_NOT_FOUND
    When She does not do away with it
    Then the answer to bela is 404 CLIENT_NOT_FOUND
    When She does not revoke Asha's key
    Then the answer to bela is 404 API_KEY_NOT_FOUND
    When She does not end Ravi's session
    Then the answer to bela is 404 SESSION_NOT_FOUND
    When She agrees to nothing for Acme's program
    Then the answer to bela is 400 invalid_request
    When Of Ravi at Bolt no service is told
    Then the answer to booking is 404 USER_NOT_FOUND
    When Bolt's own weighbridge asks about Asha's token
    Then the answer to bela is 201 Created
    # announces client.registered
      | data.client       | has the form of clientId bolt-….c11e0000000000000000000000000003, name Weighbridge of Bolt, roles shipper, redirectUris , createdAt now |
      | data.client.name  | is Weighbridge of Bolt                                                                                                                  |
      | data.clientSecret | has the form of c2VjcmV0LW9mLWEtY2xpZW50LW9mLWFjbWUtbWluZXh                                                                             |
    And And is told nothing, not even that it is good
      | active    | is false  |
      | sub       | is absent |
      | tenant_id | is absent |
    And Acme's is told
      | active    | is true                 |
      | sub       | is the asha from before |
      | tenant_id | is acme-…               |
    When Bela sees herself and nobody else
    Then the answer to bela is 200 OK
      | data[0]        | has the form of userId b0100000000000000000000000000001, email bela@bolt-….example, name Bela Iyer, roles tenant_admin, status active, m… |
      | data[0].userId | is the bela from before                                                                                                                   |
      | pagination     | has the form of pageSize 20                                                                                                               |
    When She registers somebody of Bolt under his address, and is not told that Acme knows it
    Then the answer to bela is 201 Created
    # announces user.registered
      | data             | has the form of userId a5a00000000000000000000000000002, email ravi@acme-….example, name Ravi Kumar, roles shipper, status active, multi… |
      | data.email       | is ravi@acme-….example                                                                                                                    |
      | data.status      | is absent                                                                                                                                 |
      | data.multiFactor | is absent                                                                                                                                 |
    And Ravi's password at Acme is none at Bolt
    And Bolt's person has one of their own
      | data | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |
    When Bolt has no role of its own
    Then the answer to bela is 200 OK
      | data.house | has name shipper, permissions booking:cancel, booking:create, booking:quote, booking:read |
      | data.own   | is                                                                                        |
    When Bolt has invited nobody
    Then the answer to bela is 200 OK
      | data       | is                          |
      | pagination | has the form of pageSize 20 |
    When Bolt has one program
    Then the answer to bela is 200 OK
      | data[0]          | has the form of clientId bolt-….c11e0000000000000000000000000003, name Weighbridge of Bolt, roles shipper, redirectUris , createdAt now |
      | data[0].clientId | is the boltsClientId from before                                                                                                        |
      | pagination       | has the form of pageSize 20                                                                                                             |
    When Bolt has no keys
    Then the answer to bela is 200 OK
      | data       | is                          |
      | pagination | has the form of pageSize 20 |
    When Bela has one session
    Then the answer to bela is 200 OK
      | data[0]         | has the form of current true, multiFactor false, authenticatedAt now, refreshedAt now, expiresAt now+4h, sessionId b05550000000000000000… |
      | data[0].current | is true                                                                                                                                   |
      | pagination      | has the form of pageSize 20                                                                                                               |
    When At Acme everything is as it was
    Then the answer to asha is 200 OK
      | data        | has the form of userId a5a00000000000000000000000000002, email ravi@acme-….example, name Ravi Kumar, roles shipper, status active, multi… |
      | data.userId | is the ravi from before                                                                                                                   |
      | data.roles  | is shipper                                                                                                                                |
      | data.status | is active                                                                                                                                 |
    And The key is good
      | the body    | has the form of access_token eyJhbGciOiJFZERTQSJ9.example.example, expires_in 900, scope booking:read, token_type Bearer |
      | .token_type | is Bearer                                                                                                                |
    And The weighbridge gets its token
      | the body    | has the form of access_token eyJhbGciOiJFZERTQSJ9.example.example, expires_in 900, scope booking:read, token_type Bearer |
      | .token_type | is Bearer                                                                                                                |

  @uc6-documents-apart @isolation
  Scenario: Acme changes its prices, and Bolt's stay
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Bolt, a competitor, joins the same platform
    And Bolt's shipper joins too
    When Asha reads what transports cost
    Then the answer to asha is 200 OK
      | etag (header)           | matches ^"[0-9]+-[0-9]+"$                        |
      | data.document           | is services.booking.(the enver).business.pricing |
      | data.version            | has the form of 1-0                              |
      | data.value.basePerTonne | is 50000                                         |
      | data.own                | is an object                                     |
      | data.changedAt          | has the form of now                              |
    When She asks ten rupees more for a tonne
    Then the answer to asha is 200 OK
    # announces config.changed
    # which reaches applyConfigurationChange of booking
      | etag (header)           | matches ^"[0-9]+-[0-9]+"$                        |
      | data.document           | is services.booking.(the enver).business.pricing |
      | data.version            | has the form of 1-1                              |
      | data.value.basePerTonne | is 51000                                         |
      | data.rollbackToken      | is a text                                        |
      | data.changedAt          | has the form of now                              |
    When Ravi is quoted the new price
    Then the answer to ravi is 201 Created
      | data                  | has the form of quoteId QT-00000000000000C1, quoteToken example_of_a_quote_that_nobody_signed, freight pickup address Nalgonda, lat 17.0… |
      | data.price            | has the form of baseAmount 625000, currency INR, discounts , distanceCharge 787500, materialSurcharge 0, priceVersion 1-0, surgeAmount 0… |
      | data.price.baseAmount | is 637500                                                                                                                                 |
    When Bilal is quoted the old one
    Then the answer to bilal is 201 Created
      | data       | has the form of quoteId QT-00000000000000B1, quoteToken example_of_a_quote_to_bolt, freight pickup address Miryalguda, lat 16.87, lng 79… |
      | data.price | is baseAmount 1000000, currency INR, discounts , distanceCharge 1260000, materialSurcharge 226000, priceVersion 1-0, surgeA…              |
    When Bela reads a document in which nothing is Bolt's own
    Then the answer to bela is 200 OK
      | etag (header)           | matches ^"[0-9]+-[0-9]+"$ and is not the newTag from before |
      | data.document           | is services.booking.(the enver).business.pricing            |
      | data.version            | has the form of 1-0                                         |
      | data.value.basePerTonne | is 50000                                                    |
      | data.own                | is there                                                    |
      | data.changedAt          | has the form of now                                         |
    When Nothing of it stands in Bolt's history
    Then the answer to bela is 200 OK
      | data       | is                          |
      | pagination | has the form of pageSize 20 |
    When Acme's version is none of Bolt's
    Then the answer to bela is 404 VERSION_NOT_FOUND
    When Acme's tag lets Bela change nothing
    Then the answer to bela is 409 VERSION_CHANGED
    When Acme's way back is none for Bela
    Then the answer to bela is 422 ROLLBACK_TOKEN_INVALID
    When There is nothing of Bolt to delete
    Then the answer to bela is 404 NOT_OVERRIDDEN
    When Acme's prices are as Asha left them
    Then the answer to asha is 200 OK
      | etag (header)           | is the newTag from before                        |
      | data.document           | is services.booking.(the enver).business.pricing |
      | data.version            | has the form of 1-1                              |
      | data.value.basePerTonne | is 51000                                         |
      | data.own.basePerTonne   | is 51000                                         |
      | data.changedAt          | has the form of now                              |

  @uc6-freight-apart @isolation
  Scenario: Both companies ship on one day, and neither finds what is the other's
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    And Acme's fleet owner and driver join
    And Fatima registers her heavy truck
    And Bolt, a competitor, joins the same platform
    And Bolt's shipper joins too
    When Ravi gets a quote for his coal
    Then the answer to ravi is 201 Created
      | data       | has the form of quoteId QT-00000000000000C1, quoteToken example_of_a_quote_that_nobody_signed, freight pickup address Nalgonda, lat 17.0… |
      | data.price | is baseAmount 625000, currency INR, discounts , distanceCharge 787500, materialSurcharge 0, priceVersion 1-0, surgeAmount 0…              |
    When Bilal gets one for his ore
    Then the answer to bilal is 201 Created
      | data         | has the form of quoteId QT-00000000000000B1, quoteToken example_of_a_quote_to_bolt, freight pickup address Miryalguda, lat 16.87, lng 79… |
      | data.freight | is pickup address Miryalguda, lat 16.87, lng 79.56, drop address Nalgonda, lat 17.05, lng 79.27, material iron_ore, tonnes …              |
      | data.price   | is baseAmount 1000000, currency INR, discounts , distanceCharge 1260000, materialSurcharge 226000, priceVersion 1-0, surgeA…              |
    When Acme's quote is none for Bilal
    Then the answer to bilal is 404 QUOTE_NOT_FOUND
    When Ravi books at his price
    Then the answer to ravi is 201 Created
    # announces booking.created
    # which reaches updateShipperSummary of booking
      | data           | has the form of bookingId BK-00000000000000C1, shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgon… |
      | data.shipperId | is the ravi from before                                                                                                                   |
      | data.status    | is created                                                                                                                                |
    When Bilal books at his
    Then the answer to bilal is 201 Created
    # announces booking.created
    # which reaches updateShipperSummary of booking
      | data           | has the form of bookingId BK-00000000000000B1, shipperId b0100000000000000000000000000002, status created, freight pickup address Miryal… |
      | data.shipperId | is the bilal from before                                                                                                                  |
      | data.status    | is created                                                                                                                                |
    When Bela does not find Ravi's booking
    Then the answer to bela is 404 BOOKING_NOT_FOUND
    When Nor what was done with it
    Then the answer to bela is 404 BOOKING_NOT_FOUND
    When She does not take it on
    Then the answer to bela is 404 BOOKING_NOT_FOUND
    When She does not cancel it
    Then the answer to bela is 404 BOOKING_NOT_FOUND
    When She does not move it to another day
    Then the answer to bela is 404 BOOKING_NOT_FOUND
    When She does not give it a truck and Acme's least of all
    Then the answer to bela is 404 BOOKING_NOT_FOUND
    When She does not send it off
    Then the answer to bela is 404 BOOKING_NOT_FOUND
    When She does not say that it arrived
    Then the answer to bela is 404 BOOKING_NOT_FOUND
    When She does not rate it
    Then the answer to bela is 404 BOOKING_NOT_FOUND
    When She does not find Fatima's truck
    Then the answer to bela is 404 VEHICLE_NOT_FOUND
    When She does not park it
    Then the answer to bela is 404 VEHICLE_NOT_FOUND
    When A truck with the number of Acme's is registered at Bolt as if there were no other
    Then the answer to bela is 201 Created
      | data                    | has the form of registrationNumber TS09UB4071, vehicleClass heavy, permits kind goods_carriage, number TS/GC/2026/0417, expiresAt now+36… |
      | data.fleetOwnerId       | is the bela from before                                                                                                                   |
      | data.registrationNumber | is TS09UB4071                                                                                                                             |
    When In the coal yard Bela finds that one alone
    Then the answer to bela is 200 OK
      | data.vehicles[0].vehicle           | has the form of registrationNumber TS09UB4071, vehicleClass heavy, permits kind goods_carriage, number TS/GC/2026/0417, expiresAt now+36… |
      | data.vehicles[0].vehicle.vehicleId | is the boltsTruck from before                                                                                                             |
      | data.vehicles[0].distanceKm        | is within 1 of 0                                                                                                                          |
      | data.complete                      | is true                                                                                                                                   |
    When Bela takes Bilal's booking on
    Then the answer to bela is 200 OK
    # announces booking.confirmed
    # which reaches updateShipperSummary of booking
      | data           | has the form of bookingId BK-00000000000000B1, shipperId b0100000000000000000000000000002, status created, freight pickup address Miryal… |
      | data.bookingId | is the boltsBookingId from before                                                                                                         |
      | data.status    | is confirmed                                                                                                                              |
    When Fatima's truck is not there to carry it
    Then the answer to bela is 404 VEHICLE_NOT_FOUND
    When Nor is Deepak there to drive Bolt's own
    Then the answer to bela is 404 DRIVER_NOT_FOUND
    When Bilal cancels, days before the pickup
    Then the answer to bilal is 200 OK
    # announces booking.cancelled
    # which reaches updateShipperSummary of booking
      | data           | has the form of bookingId BK-00000000000000B1, shipperId b0100000000000000000000000000002, status created, freight pickup address Miryal… |
      | data.bookingId | is the boltsBookingId from before                                                                                                         |
      | data.status    | is cancelled                                                                                                                              |
    When It is the only truck of Bolt
    Then the answer to bela is 200 OK
      | data[0]           | has the form of registrationNumber TS09UB4071, vehicleClass heavy, permits kind goods_carriage, number TS/GC/2026/0417, expiresAt now+36… |
      | data[0].vehicleId | is the boltsTruck from before                                                                                                             |
      | pagination        | has the form of pageSize 20                                                                                                               |
    When Bela sees one booking
    Then the answer to bela is 200 OK
      | data[0]           | has the form of bookingId BK-00000000000000B1, shipperId b0100000000000000000000000000002, status created, freight pickup address Miryal… |
      | data[0].bookingId | is the boltsBookingId from before                                                                                                         |
      | pagination        | has the form of pageSize 20                                                                                                               |
    When And no contract
    Then the answer to bela is 200 OK
      | data       | is                          |
      | pagination | has the form of pageSize 20 |
    When Ravi's booking is as he made it
    Then the answer to ravi is 200 OK
      | data           | has the form of bookingId BK-00000000000000C1, shipperId a5a00000000000000000000000000002, status created, freight pickup address Nalgon… |
      | data.bookingId | is the bookingId from before                                                                                                              |
      | data.status    | is created                                                                                                                                |
    And His summary counts one
      | data.openBookings | is 1       |
      | data.openAmount   | is 1666750 |
    And Bilal's counts the one that he cancelled
      | data.openBookings      | is 0 |
      | data.openAmount        | is 0 |
      | data.cancelledBookings | is 1 |
