# Made from mock-data/use-cases/uc1-a-company-joins.yaml by `enver bdd generate`: change that, not this.
@UC1
Feature: UC1 A company joins
  As an administrator of a company
  I want to bring in my people and programs, and to say who of them may do what and how they prove who they are
  So that everybody works from the first day, and nobody else gets in

  Privacy: A company's people, roles, sessions, invitations and programs are seen by its own administrators; everybody sees themselves and their own sessions and keys. Nobody learns from an answer who is registered elsewhere. Passwords, secrets and tokens are shown once, to their owner, or never.

  @uc1-people-and-roles @smoke
  Scenario: Asha brings in her people and says what they may do
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Asha asks who she is
    Then the answer to asha is 200 OK
      | sub       | is the asha from before |
      | name      | is Asha Rao             |
      | email     | is asha@acme-….example  |
      | tenant_id | is acme-…               |
    When She reads the roles there are
    Then the answer to asha is 200 OK
      | data.house | has name shipper, permissions booking:cancel, booking:create, booking:quote, booking:read |
      | data.own   | is                                                                                        |
    When She makes a role of Acme's own
    Then the answer to asha is 201 Created
      | data | is description Answers at night, name night-desk, permissions booking:read, user:read |
    And It stands among Acme's own
      | data.house  | has name shipper, permissions booking:cancel, booking:create, booking:quote, booking:read |
      | data.own[0] | is description Answers at night, name night-desk, permissions booking:read, user:read     |
    When The same request again gets the same answer, and no second role
    Then the answer to asha is 201 Created
      | idempotent-replayed (header) | is true                                                                               |
      | data                         | is description Answers at night, name night-desk, permissions booking:read, user:read |
    When She narrows what it allows
    Then the answer to asha is 200 OK
      | data             | is description Answers at night, name night-desk, permissions booking:read, user:read |
      | data.permissions | is user:read                                                                          |
    When A role does not grow beyond the house
    Then the answer to asha is 422 UNKNOWN_PERMISSION
    When She registers Fatima, who owns trucks
    Then the answer to asha is 201 Created
    # announces user.registered
      | data.userId    | has the form of a5a00000000000000000000000000003 |
      | data.email     | is fatima@acme-….example                         |
      | data.name      | is Fatima Sheikh                                 |
      | data.roles     | is fleet_owner                                   |
      | data.createdAt | has the form of now                              |
      | data.password  | is absent                                        |
    When She sees everybody
    Then the answer to asha is 200 OK
      | data       | has the length 3 and has userId a5a00000000000000000000000000002, email ravi@acme-….example, name Ravi Kumar, roles shipper, status active, multi… |
      | pagination | has the form of pageSize 20                                                                                                                        |
    When She looks at Ravi
    Then the answer to asha is 200 OK
      | data        | has the form of userId a5a00000000000000000000000000002, email ravi@acme-….example, name Ravi Kumar, roles shipper, status active, multi… |
      | data.userId | is the ravi from before                                                                                                                   |
      | data.roles  | is shipper                                                                                                                                |
    When Ravi looks at himself
    Then the answer to ravi is 200 OK
      | data        | has the form of userId a5a00000000000000000000000000002, email ravi@acme-….example, name Ravi Kumar, roles shipper, status active, multi… |
      | data.userId | is the ravi from before                                                                                                                   |
      | data.name   | is Ravi Kumar                                                                                                                             |
    When She puts Ravi on the night desk too
    Then the answer to asha is 200 OK
    # announces user.roles_changed
      | data          | has the form of userId a5a00000000000000000000000000002, email ravi@acme-….example, name Ravi Kumar, roles shipper, status active, multi… |
      | data.userId   | is the ravi from before                                                                                                                   |
      | data.roles[0] | is night-desk                                                                                                                             |
      | data.roles[1] | is shipper                                                                                                                                |
    And Another service is told what Ravi may do
      | data.userId   | is the ravi from before |
      | data.roles[0] | is night-desk           |
      | data.roles[1] | is shipper              |
      | data.status   | is active               |
    When She does away with the night desk
    Then the answer to asha is 204 No Content
    And It stands in no list any more
      | data.house | has name shipper, permissions booking:cancel, booking:create, booking:quote, booking:read |
      | data.own   | is                                                                                        |

  @uc1-people-and-roles @smoke @cases
  Scenario Outline: What is no role
    Given the state after "Asha brings in her people and says what they may do"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                              | caller | status | code                   |
      | An idempotency key is good for one request        | asha   | 422    | IDEMPOTENCY_KEY_REUSED |
      | A role of the house is nobody's to define         | asha   | 409    | ROLE_EXISTS            |
      | Whoever had the old role must not get the new one | asha   | 409    | ROLE_EXISTS            |
      | Nobody passes on what no role of the house allows | asha   | 422    | UNKNOWN_PERMISSION     |
      | A star is no permission                           | asha   | 400    | VALIDATION_ERROR       |
      | Who ships makes no roles                          | ravi   | 403    | FORBIDDEN              |

  @uc1-people-and-roles @smoke @cases
  Scenario Outline: What no role becomes
    Given the state after "Asha brings in her people and says what they may do"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                       | caller | status | code           |
      | A role that was never made | asha   | 404    | ROLE_NOT_FOUND |

  @uc1-people-and-roles @smoke @cases
  Scenario Outline: What nobody does away with
    Given the state after "Asha brings in her people and says what they may do"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                      | caller | status | code           |
      | A role of the house stays | asha   | 404    | ROLE_NOT_FOUND |
      | What is gone is gone      | asha   | 404    | ROLE_NOT_FOUND |

  @uc1-people-and-roles @smoke @cases
  Scenario Outline: Who is not registered
    Given the state after "Asha brings in her people and says what they may do"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | An idempotency key is good for one request | asha   | 422    | IDEMPOTENCY_KEY_REUSED |
      | An address is one person's in a company    | asha   | 409    | EMAIL_TAKEN            |
      | An easy password is none                   | asha   | 422    | WEAK_PASSWORD          |
      | Nobody makes somebody run the platform     | asha   | 400    | VALIDATION_ERROR       |
      | Whose person it is the token says alone    | asha   | 400    | VALIDATION_ERROR       |
      | Who ships registers nobody                 | ravi   | 403    | FORBIDDEN              |

  @uc1-people-and-roles @smoke @cases
  Scenario Outline: Who is not there
    Given the state after "Asha brings in her people and says what they may do"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                      | caller | status | code           |
      | An id that nobody has                     | asha   | 404    | USER_NOT_FOUND |
      | Who ships does not look at administrators | ravi   | 404    | USER_NOT_FOUND |

  @uc1-people-and-roles @smoke @cases
  Scenario Outline: What nobody becomes
    Given the state after "Asha brings in her people and says what they may do"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                   | caller | status | code               |
      | A role that is none                    | asha   | 422    | UNKNOWN_ROLE       |
      | Nobody makes somebody run the platform | asha   | 422    | UNKNOWN_ROLE       |
      | An id that nobody has                  | asha   | 404    | USER_NOT_FOUND     |
      | The last administrator stays one       | asha   | 409    | LAST_ADMINISTRATOR |

  @uc1-people-and-roles @smoke @cases
  Scenario Outline: What other services are not told
    Given the state after "Asha brings in her people and says what they may do"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                  | caller                  | status | code           |
      | Of somebody who is not there          | booking                 | 404    | USER_NOT_FOUND |
      | Of somebody in a company that is none | booking                 | 404    | USER_NOT_FOUND |
      | Without a signature                   | booking without a token | 401    | UNAUTHORIZED   |

  @uc1-who-cannot-join
  Scenario: A company that cannot join is told why
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Bela wants to join under Acme's id
    Then the answer to anonymous is 409 TENANT_EXISTS
    When The platform has its first administrator, and gets no second one like this
    Then the answer to booking is 409 PLATFORM_TAKEN
    When Somebody tries Asha's address with a password that is not hers
    Then the answer to anonymous is 401 INVALID_CREDENTIALS

  @uc1-who-cannot-join @cases
  Scenario Outline: Who does not join
    Given the state after "A company that cannot join is told why"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                     | caller    | status | code             |
      | Who has the address is told to nobody    | anonymous | 409    | TENANT_EXISTS    |
      | The platform is nobody's to create       | anonymous | 409    | TENANT_EXISTS    |
      | An easy password is none                 | anonymous | 422    | WEAK_PASSWORD    |
      | Everything that is wrong is said at once | anonymous | 400    | VALIDATION_ERROR |

  @uc1-who-cannot-join @cases
  Scenario Outline: Who does not run the platform
    Given the state after "A company that cannot join is told why"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                | caller  | status | code          |
      | An easy password is none            | booking | 422    | WEAK_PASSWORD |
      | People cannot ask what services ask | asha    | 401    | UNAUTHORIZED  |

  @uc1-who-cannot-join @cases
  Scenario Outline: Who does not get in
    Given the state after "A company that cannot join is told why"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                    | caller    | status | code                |
      | An address that nobody has is refused in the same words | anonymous | 401    | INVALID_CREDENTIALS |
      | So is a company that is none                            | anonymous | 401    | INVALID_CREDENTIALS |
      | So is hers where she is nobody                          | anonymous | 401    | INVALID_CREDENTIALS |
      | Who does not say of which company is told to            | anonymous | 400    | VALIDATION_ERROR    |

  @uc1-second-factor
  Scenario: Ravi sets up a second factor, uses it, gives it up, and loses it
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Before there is one, nothing is confirmed
    Then the answer to ravi is 409 MULTI_FACTOR_OFF
    When Nor are there codes to replace
    Then the answer to ravi is 409 MULTI_FACTOR_OFF
    When Nor anything to give up
    Then the answer to ravi is 409 MULTI_FACTOR_OFF
    When Nor anything to take away
    Then the answer to asha is 409 MULTI_FACTOR_OFF
    When Ravi's app reads the secret
    Then the answer to ravi is 201 Created
      | data     | has the form of secret JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP, uri otpauth://totp/Enver:ravi?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=En… |
      | data.uri | matches ^otpauth://totp/                                                                                                                  |
    When A code that the app does not show confirms nothing
    Then the answer to ravi is 422 INVALID_CODE
    When The code that it shows does, and Ravi gets codes for when he loses it
    Then the answer to ravi is 201 Created
    # announces user.multi_factor_changed
      | data.backupCodes | has the length 10 and has only is a text |
    And Asha sees that he has one
      | data             | has the form of userId a5a00000000000000000000000000002, email ravi@acme-….example, name Ravi Kumar, roles shipper, status active, multi… |
      | data.userId      | is the ravi from before                                                                                                                   |
      | data.multiFactor | is true                                                                                                                                   |
    When Who has one sets up no other
    Then the answer to ravi is 409 MULTI_FACTOR_ON
    When What is confirmed is confirmed
    Then the answer to ravi is 409 MULTI_FACTOR_ON
    When Ravi's password alone gives him a challenge and no token
    Then the answer to ravi without a token is 200 OK
      | data             | has the form of challenge example.challenge.token, expiresIn 300, mfaRequired true |
      | data.mfaRequired | is true                                                                            |
      | data.accessToken | is absent                                                                          |
    When A wrong code ends nothing and begins nothing
    Then the answer to ravi without a token is 401 INVALID_SECOND_FACTOR
    When One of his codes stands in for the app, and he is in
    Then the answer to ravi without a token is 200 OK
      | data           | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |
      | data.tokenType | is Bearer                                                                                                                             |
    When For a wrong code there are no new codes
    Then the answer to ravi is 422 INVALID_CODE
    When Ravi replaces his codes
    Then the answer to ravi is 201 Created
      | data.backupCodes | has the length 10 and has only is a text |
    When The old ones are void
    Then the answer to ravi is 422 INVALID_CODE
    When With a new one Ravi gives his second factor up
    Then the answer to ravi is 204 No Content
    # announces user.multi_factor_changed
    When He sets it up again
    Then the answer to ravi is 201 Created
      | data | has the form of secret JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP, uri otpauth://totp/Enver:ravi?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=En… |
    When And confirms it
    Then the answer to ravi is 201 Created
      | data.backupCodes | has the length 10 and has only is a text |
    When He loses it, and Asha takes it away
    Then the answer to asha is 204 No Content
    # announces user.multi_factor_changed
    And Ravi's password is enough again
      | data | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |

  @uc1-second-factor @cases
  Scenario Outline: Whose second factor is not taken away
    Given the state after "Ravi sets up a second factor, uses it, gives it up, and loses it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                  | caller | status | code           |
      | An id that nobody has                 | asha   | 404    | USER_NOT_FOUND |
      | Nobody takes away their own like this | ravi   | 403    | FORBIDDEN      |

  @uc1-second-factor @cases
  Scenario Outline: What is no second step
    Given the state after "Ravi sets up a second factor, uses it, gives it up, and loses it"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                           | caller               | status | code                  |
      | A challenge is good once                                       | ravi without a token | 401    | INVALID_SECOND_FACTOR |
      | A challenge that nobody was given is refused in the same words | ravi without a token | 401    | INVALID_SECOND_FACTOR |

  @uc1-invitations
  Scenario: Asha invites Deepak, who chooses his own password
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Asha invites Deepak to drive
    Then the answer to asha is 201 Created
    # announces invitation.created
      | data           | has the form of invitationId a1710000000000000000000000000001, email deepak@acme-….example, roles driver, invitedBy a5a00000000000000000… |
      | data.email     | is deepak@acme-….example                                                                                                                  |
      | data.roles     | is driver                                                                                                                                 |
      | data.invitedBy | is the asha from before                                                                                                                   |
      | data.token     | is absent                                                                                                                                 |
    And The invitation stands open
      | data[0]              | has the form of invitationId a1710000000000000000000000000001, email deepak@acme-….example, roles driver, invitedBy a5a00000000000000000… |
      | data[0].invitationId | is the invitationId from before                                                                                                           |
      | pagination           | has the form of pageSize 20                                                                                                               |
    When Deepak finds the token in his mail
    Then the answer to anonymous is 200 OK
      | data | has the length 1 |
    When An easy password is none, and the token stays good
    Then the answer to anonymous is 422 WEAK_PASSWORD
    When Deepak joins
    Then the answer to deepak without a token is 201 Created
    # announces user.registered
      | data        | has the form of userId a5a00000000000000000000000000004, email deepak@acme-….example, name Deepak Reddy, roles driver, status active, mu… |
      | data.email  | is deepak@acme-….example                                                                                                                  |
      | data.name   | is Deepak Reddy                                                                                                                           |
      | data.roles  | is driver                                                                                                                                 |
      | data.status | is active                                                                                                                                 |
    And He logs in
      | data | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |
    And No invitation stands open
      | data       | is                          |
      | pagination | has the form of pageSize 20 |
    When Asha invites Ravi, who is there already
    Then the answer to asha is 201 Created
    # announces invitation.created
      | data       | has the form of invitationId a1710000000000000000000000000002, email ravi@acme-….example, roles shipper, invitedBy a5a000000000000000000… |
      | data.email | is ravi@acme-….example                                                                                                                    |
    When Ravi's mail tells him
    Then the answer to anonymous is 200 OK
      | data | has the length 1 |
    When Only there is it said that he is registered
    Then the answer to anonymous is 409 EMAIL_TAKEN
    When Asha takes the invitation back
    Then the answer to asha is 204 No Content

  @uc1-invitations @cases
  Scenario Outline: Who is not invited
    Given the state after "Asha invites Deepak, who chooses his own password"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                       | caller | status | code                   |
      | An idempotency key is good for one request | asha   | 422    | IDEMPOTENCY_KEY_REUSED |
      | Nobody is invited to be what there is not  | asha   | 422    | UNKNOWN_ROLE           |
      | Who ships invites nobody                   | ravi   | 403    | FORBIDDEN              |

  @uc1-invitations @cases
  Scenario Outline: Who does not join
    Given the state after "Asha invites Deepak, who chooses his own password"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                             | caller                 | status | code               |
      | An invitation is good once                       | deepak without a token | 401    | INVALID_INVITATION |
      | One that was taken back is none                  | deepak without a token | 401    | INVALID_INVITATION |
      | One that nobody got is refused in the same words | deepak without a token | 401    | INVALID_INVITATION |

  @uc1-invitations @cases
  Scenario Outline: What is not taken back
    Given the state after "Asha invites Deepak, who chooses his own password"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                       | caller | status | code                 |
      | What is taken back is gone | asha   | 404    | INVITATION_NOT_FOUND |

  @uc1-sessions
  Scenario: Ravi sees the sessions he has, and ends them
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Ravi has the session of his first device
    Then the answer to ravi is 200 OK
      | data[0]             | has the form of sessionId be550000000000000000000000000001, current true, multiFactor false, authenticatedAt now, refreshedAt now, expir… |
      | data[0].current     | is true                                                                                                                                   |
      | data[0].multiFactor | is false                                                                                                                                  |
      | pagination          | has the form of pageSize 20                                                                                                               |
    When He logs in on another device
    Then the answer to ravi without a token is 200 OK
      | data | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |
    And He has two sessions
      | data       | has the length 2 and has sessionId be550000000000000000000000000001, current true, multiFactor false, authenticatedAt now, refreshedAt now, expir… and sessionId be550000000000000000000000000001, current true, multiFactor false, authenticatedAt now, refreshedAt now, expir… |
      | pagination | has the form of pageSize 20                                                                                                                                                                                                                                                      |
    And He asks for one at a time
      | data[0]               | has the form of sessionId be550000000000000000000000000001, current true, multiFactor false, authenticatedAt now, refreshedAt now, expir… |
      | pagination.pageSize   | is 1                                                                                                                                      |
      | pagination.nextCursor | is a text                                                                                                                                 |
    And On the next page is the other
      | data[0]             | has the form of sessionId be550000000000000000000000000001, current true, multiFactor false, authenticatedAt now, refreshedAt now, expir… |
      | data[0].sessionId   | is not the onFirstPage from before                                                                                                        |
      | pagination.pageSize | is 1                                                                                                                                      |
    When He gets new tokens for the refresh token
    Then the answer to ravi without a token is 200 OK
      | data              | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |
      | data.tokenType    | is Bearer                                                                                                                             |
      | data.refreshToken | is not the refreshToken from before                                                                                                   |
    When A second tab that comes with the same one is told to use the new tokens
    Then the answer to ravi without a token is 409 ALREADY_REFRESHED
    When He ends the session on the first device
    Then the answer to ravi is 204 No Content
    And He has one session left
      | data[0]         | has the form of sessionId be550000000000000000000000000001, current true, multiFactor false, authenticatedAt now, refreshedAt now, expir… |
      | data[0].current | is true                                                                                                                                   |
      | pagination      | has the form of pageSize 20                                                                                                               |
    When He logs out everywhere
    Then the answer to ravi is 204 No Content
    And His refresh token is void
    When He logs in again
    Then the answer to ravi without a token is 200 OK
      | data | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |
    When He signs out
    Then the answer to ravi is 204 No Content
    And This session is over

  @uc1-sessions @cases
  Scenario Outline: What brings no tokens
    Given the state after "Ravi sees the sessions he has, and ends them"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                          | caller               | status | code                  |
      | A token that nobody was given | ravi without a token | 401    | INVALID_REFRESH_TOKEN |

  @uc1-sessions @cases
  Scenario Outline: What is not ended
    Given the state after "Ravi sees the sessions he has, and ends them"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                           | caller | status | code              |
      | An id that no session has      | ravi   | 404    | SESSION_NOT_FOUND |
      | Another's session is not found | asha   | 404    | SESSION_NOT_FOUND |

  @uc1-keys
  Scenario: Asha gives a program a key of her own
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Asha makes a key for the nightly import
    Then the answer to asha is 201 Created
    # announces api-key.created
      | data.apiKey            | matches ^ek\\.                                                                                                                            |
      | data.details           | has the form of keyId a91ce000000000000000000000000001, userId a5a00000000000000000000000000001, name Nightly import, roles tenant_admin… |
      | data.details.name      | is Nightly import                                                                                                                         |
      | data.details.roles     | is tenant_admin                                                                                                                           |
      | data.details.userId    | is the asha from before                                                                                                                   |
      | data.details.expiresAt | is within 60 of now+1h                                                                                                                    |
    And She finds it among her keys, without the key itself
      | data[0]        | has the form of keyId a91ce000000000000000000000000001, userId a5a00000000000000000000000000001, name Nightly import, roles tenant_admin… |
      | data[0].keyId  | is the keyId from before                                                                                                                  |
      | data[0].apiKey | is absent                                                                                                                                 |
      | pagination     | has the form of pageSize 20                                                                                                               |
    And The program reads Acme's people with it
      | data       | has userId a5a00000000000000000000000000002, email ravi@acme-….example, name Ravi Kumar, roles shipper, status active, multi… |
      | pagination | has the form of pageSize 20                                                                                                   |
    When The program exchanges it for a short token
    Then the answer to anonymous is 200 OK
      | the body    | has the form of access_token eyJhbGciOiJFZERTQSJ9.example.example, expires_in 900, scope booking:read, token_type Bearer |
      | .token_type | is Bearer                                                                                                                |
    When Asha revokes it
    Then the answer to asha is 204 No Content
    # announces api-key.revoked
    And It is exchanged for nothing any more
    When Ravi makes one too
    Then the answer to ravi is 201 Created
    # announces api-key.created
      | data.apiKey         | matches ^ek\\.                                                                                                                            |
      | data.details        | has the form of keyId a91ce000000000000000000000000001, userId a5a00000000000000000000000000001, name Nightly import, roles tenant_admin… |
      | data.details.roles  | is shipper                                                                                                                                |
      | data.details.userId | is the ravi from before                                                                                                                   |
    When A key sets up no second factor for its person
    Then the answer to anonymous is 403 FORBIDDEN
    When Nor does it confirm one
    Then the answer to anonymous is 403 FORBIDDEN
    When Nor does it get codes for one
    Then the answer to anonymous is 403 FORBIDDEN
    When Nor does it give one up
    Then the answer to anonymous is 403 FORBIDDEN

  @uc1-keys @cases
  Scenario Outline: What no key does
    Given the state after "Asha gives a program a key of her own"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                   | caller               | status | code          |
      | Nobody passes on what they do not have | asha                 | 422    | ROLE_NOT_HELD |
      | A key makes no other key               | asha without a token | 403    | FORBIDDEN     |

  @uc1-keys @cases
  Scenario Outline: Which key is not revoked
    Given the state after "Asha gives a program a key of her own"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                    | caller | status | code              |
      | What is revoked is gone | asha   | 404    | API_KEY_NOT_FOUND |
      | A key that nobody has   | asha   | 404    | API_KEY_NOT_FOUND |

  @uc1-keys @cases
  Scenario Outline: What a key does not do for its person
    Given the state after "Asha gives a program a key of her own"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                             | caller               | status | code         |
      | A key that was made up is no key | ravi without a token | 401    | UNAUTHORIZED |

  @uc1-clients
  Scenario: A program of Acme works by itself
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Asha registers the weighbridge
    Then the answer to asha is 201 Created
    # announces client.registered
      | data.client              | has the form of clientId acme-….c11e0000000000000000000000000001, name Weighbridge, roles shipper, redirectUris , createdAt now |
      | data.client.name         | is Weighbridge                                                                                                                  |
      | data.client.roles        | is shipper                                                                                                                      |
      | data.client.redirectUris | is                                                                                                                              |
      | data.clientSecret        | has the form of c2VjcmV0LW9mLWEtY2xpZW50LW9mLWFjbWUtbWluZXh                                                                     |
    And It stands among Acme's programs, without its secret
      | data[0]              | has the form of clientId acme-….c11e0000000000000000000000000001, name Weighbridge, roles shipper, redirectUris , createdAt now |
      | data[0].clientId     | is the clientId from before                                                                                                     |
      | data[0].clientSecret | is absent                                                                                                                       |
      | pagination           | has the form of pageSize 20                                                                                                     |
    When The weighbridge gets a token for its secret
    Then the answer to anonymous is 200 OK
      | cache-control (header) | is no-store                                                                                                              |
      | the body               | has the form of access_token eyJhbGciOiJFZERTQSJ9.example.example, expires_in 900, scope booking:read, token_type Bearer |
      | .token_type            | is Bearer                                                                                                                |
    When It asks what its token says
    Then the answer to anonymous is 200 OK
      | active     | is true                     |
      | client_id  | is the clientId from before |
      | tenant_id  | is acme-…                   |
      | token_type | is Bearer                   |
    When A program is nobody in person
    Then the answer to anonymous is 403 NOT_A_PERSON
    When It takes the token back
    Then the answer to anonymous is 200 OK
    And Of a token that is not good, just that is said
      | active | is false  |
      | sub    | is absent |
    When Asha gives the weighbridge a new secret; the old one stays good for a while
    Then the answer to asha is 201 Created
    # announces client.secret-rotated
      | data.client          | has the form of clientId acme-….c11e0000000000000000000000000001, name Weighbridge, roles shipper, redirectUris , createdAt now |
      | data.client.clientId | is the clientId from before                                                                                                     |
      | data.clientSecret    | matches ^[A-Za-z0-9_-]{43}$ and is not the clientSecret from before                                                             |
    And The new secret is good
      | the body    | has the form of access_token eyJhbGciOiJFZERTQSJ9.example.example, expires_in 900, scope booking:read, token_type Bearer |
      | .token_type | is Bearer                                                                                                                |
    When Asha registers another one
    Then the answer to asha is 201 Created
      | data.client       | has the form of clientId acme-….c11e0000000000000000000000000001, name Weighbridge, roles shipper, redirectUris , createdAt now |
      | data.clientSecret | has the form of c2VjcmV0LW9mLWEtY2xpZW50LW9mLWFjbWUtbWluZXh                                                                     |
    When And does away with it
    Then the answer to asha is 204 No Content
    # announces client.deleted

  @uc1-clients @cases
  Scenario Outline: Who gets no token
    Given the state after "A program of Acme works by itself"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                                | caller    | status | code                   |
      | For a wrong secret there is none                    | anonymous | 401    | invalid_client         |
      | A program that is gone is refused in the same words | anonymous | 401    | invalid_client         |
      | Passwords of people are not exchanged               | anonymous | 400    | unsupported_grant_type |
      | It must be said what for                            | anonymous | 400    | invalid_request        |

  @uc1-clients @cases
  Scenario Outline: Who is told nothing about a token
    Given the state after "A program of Acme works by itself"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                          | caller    | status | code            |
      | Introspection is for programs | anonymous | 401    | invalid_client  |
      | It must be said which token   | anonymous | 400    | invalid_request |

  @uc1-clients @cases
  Scenario Outline: Who takes back no token
    Given the state after "A program of Acme works by itself"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                        | caller    | status | code            |
      | Not for a wrong secret      | anonymous | 401    | invalid_client  |
      | It must be said which token | anonymous | 400    | invalid_request |

  @uc1-clients @cases
  Scenario Outline: What gets no new secret
    Given the state after "A program of Acme works by itself"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                      | caller | status | code             |
      | A program that is gone                    | asha   | 404    | CLIENT_NOT_FOUND |
      | Programs are the administrators' business | ravi   | 403    | FORBIDDEN        |

  @uc1-clients @cases
  Scenario Outline: What is not done away with
    Given the state after "A program of Acme works by itself"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                 | caller | status | code             |
      | What is gone is gone | asha   | 404    | CLIENT_NOT_FOUND |

  @uc1-portal
  Scenario: Acme's portal acts for Asha, who agrees
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When The portal reads what the authorization server says of itself
    Then the answer to anonymous is 200 OK
      | the body                             | has the form of authorization_endpoint https://auth.enver.example/oauth/authorize, authorization_response_iss_parameter_supported true, … |
      | .code_challenge_methods_supported[0] | is S256                                                                                                                                   |
    When And the OpenID provider
    Then the answer to anonymous is 200 OK
      | the body | has the form of authorization_endpoint https://auth.enver.example/oauth/authorize, authorization_response_iss_parameter_supported true, … |
    When And the keys that tokens are checked with
    Then the answer to anonymous is 200 OK
      | keys | has alg EdDSA, crv Ed25519, kid 512345c9d410a69d84bf44ad3a93bf10, kty OKP, use sig, x PU07-rZtwmNxSPwZjfTRYwVwrJhalPWqfq9dm5… |
    When Asha registers the portal, with the address it is come back to
    Then the answer to asha is 201 Created
      | data.client              | has the form of clientId acme-….c11e0000000000000000000000000002, name Portal, roles tenant_admin, redirectUris https://portal.acme.exam… |
      | data.client.redirectUris | is https://portal.acme.example/back                                                                                                       |
      | data.clientSecret        | has the form of c2VjcmV0LW9mLWEtY2xpZW50LW9mLWFjbWUtbWluZXh                                                                               |
    When The portal sends Asha's browser, which is sent on to the sign-in page
    Then the answer to anonymous is 302 Found
      | location (header) | matches sign-in\\?tenant_id=[a-z0-9-]+& |
    When Asha agrees there
    Then the answer to asha is 201 Created
      | data.redirectTo | matches ^https://portal\\.acme\\.example/back\\? |
    When The portal redeems the code and proves that it asked for it
    Then the answer to anonymous is 200 OK
      | the body  | has the form of access_token eyJhbGciOiJFZERTQSJ9.example.example, expires_in 900, scope booking:read, token_type Bearer |
      | .id_token | is a text                                                                                                                |
    And The portal learns who she is
      | sub       | is the asha from before |
      | name      | is Asha Rao             |
      | email     | is asha@acme-….example  |
      | tenant_id | is acme-…               |

  @uc1-portal @cases
  Scenario Outline: What is not redeemed
    Given the state after "Acme's portal acts for Asha, who agrees"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                         | caller    | status | code          |
      | A code is good once          | anonymous | 400    | invalid_grant |
      | A code that nobody was given | anonymous | 400    | invalid_grant |

  @uc1-portal @cases
  Scenario Outline: Where no browser is sent
    Given the state after "Acme's portal acts for Asha, who agrees"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                               | caller    | status | code            |
      | A request that says nothing goes nowhere           | anonymous | 400    | invalid_request |
      | An address that is not the portal's is not gone to | anonymous | 400    | invalid_request |

  @uc1-portal @cases
  Scenario Outline: What nobody agrees to
    Given the state after "Acme's portal acts for Asha, who agrees"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                          | caller               | status | code            |
      | A challenge must be one that proves something | asha                 | 422    | NOT_GRANTABLE   |
      | It must be said to what                       | asha                 | 400    | invalid_request |
      | A program does not agree for its person       | asha without a token | 403    | LOGIN_REQUIRED  |

  @uc1-passwords
  Scenario: Asha changes her password, forgets it, and sets another
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When A password is not changed on its first day
    Then the answer to asha is 422 PASSWORD_TOO_YOUNG
    When Asha reads the rules of passwords
    Then the answer to asha is 200 OK
      | etag (header)  | matches ^"[0-9]+-[0-9]+"$                                                                                                        |
      | data.document  | is services.auth.(the enver).technical.password-rules                                                                            |
      | data.version   | has the form of 1-0                                                                                                              |
      | data.value     | has the form of characterClasses 1, forbidden 123456789012, historyLength 24, maximumAgeSeconds 7776000, minimumAgeSeconds 86400 |
      | data.changedAt | has the form of now                                                                                                              |
    When At Acme passwords may change at once
    Then the answer to asha is 200 OK
    # announces config.changed
    # which reaches applyConfigurationChange of auth
      | etag (header) | matches ^"[0-9]+-[0-9]+"$                             |
      | data.document | is services.auth.(the enver).technical.password-rules |
      | data.version  | has the form of 1-1                                   |
    When Asha changes her password
    Then the answer to asha is 204 No Content
    # announces password.changed
    And She logs in with it
      | data | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |
    And The old one is void
    When Who does not know the password changes nothing
    Then the answer to asha is 422 WRONG_PASSWORD
    When An easy one is refused
    Then the answer to asha is 422 WEAK_PASSWORD
    When So is one that she had before
    Then the answer to asha is 422 PASSWORD_REUSED
    When Asha has forgotten it
    Then the answer to anonymous is 202 Accepted
    # announces password.reset_requested
    When For an address that nobody has, the answer is the same
    Then the answer to anonymous is 202 Accepted
    # announces password.reset_ignored
    When So it is for a company that is none
    Then the answer to anonymous is 202 Accepted
    # announces password.reset_ignored
    When She finds the token in her mail
    Then the answer to anonymous is 200 OK
      | data | has the length 1 |
    When An easy password is refused here too
    Then the answer to anonymous is 422 WEAK_PASSWORD
    When So is one that she had before
    Then the answer to anonymous is 422 PASSWORD_REUSED
    When She sets her last one
    Then the answer to anonymous is 204 No Content
    # announces password.changed
    And She logs in with it
      | data | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |
    When At Acme passwords age within a second
    Then the answer to asha is 200 OK
    # announces config.changed
    # which reaches applyConfigurationChange of auth
      | data.document | is services.auth.(the enver).technical.password-rules |
      | data.version  | has the form of 1-2                                   |
    When Asha has to set a new one before she is let in
    Then the answer to anonymous is 403 PASSWORD_EXPIRED

  @uc1-passwords @cases
  Scenario Outline: What resets nothing
    Given the state after "Asha changes her password, forgets it, and sets another"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                                             | caller    | status | code                |
      | A token is good once                             | anonymous | 401    | INVALID_RESET_TOKEN |
      | One that nobody got is refused in the same words | anonymous | 401    | INVALID_RESET_TOKEN |

  @uc1-suspension
  Scenario: Asha shuts Ravi out and lets him in again
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When Asha shuts Ravi out
    Then the answer to asha is 200 OK
    # announces user.suspended
      | data        | has the form of userId a5a00000000000000000000000000002, email ravi@acme-….example, name Ravi Kumar, roles shipper, status active, multi… |
      | data.userId | is the ravi from before                                                                                                                   |
      | data.status | is suspended                                                                                                                              |
    And He does not get in, and is not told why
    And Another service is told
      | data.userId | is the ravi from before |
      | data.roles  | is shipper              |
      | data.status | is suspended            |
    When Who is out is not shut out again
    Then the answer to asha is 409 ALREADY_SUSPENDED
    When Asha lets him in again
    Then the answer to asha is 200 OK
    # announces user.reactivated
      | data        | has the form of userId a5a00000000000000000000000000002, email ravi@acme-….example, name Ravi Kumar, roles shipper, status active, multi… |
      | data.userId | is the ravi from before                                                                                                                   |
      | data.status | is active                                                                                                                                 |
    And He logs in
      | data | has the form of accessToken eyJhbGciOiJFZERTQSJ9.example.example, expiresIn 900, refreshToken example.refresh.token, tokenType Bearer |

  @uc1-suspension @cases
  Scenario Outline: Who is not shut out
    Given the state after "Asha shuts Ravi out and lets him in again"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                         | caller | status | code               |
      | The last administrator stays | asha   | 409    | LAST_ADMINISTRATOR |
      | An id that nobody has        | asha   | 404    | USER_NOT_FOUND     |
      | Who ships shuts nobody out   | ravi   | 403    | FORBIDDEN          |

  @uc1-suspension @cases
  Scenario Outline: Who is not let in again
    Given the state after "Asha shuts Ravi out and lets him in again"
    When <case>
    Then the answer to <caller> is <status> <code>

    Examples:
      | case                  | caller | status | code           |
      | Who is not out        | asha   | 409    | NOT_SUSPENDED  |
      | An id that nobody has | asha   | 404    | USER_NOT_FOUND |

  @uc1-browsers
  Scenario: A browser of a company without a provider of its own
    Given The platform's administrator lets many calls from one address in
    And Acme joins with its people
    When There is no provider to log in at
    Then the answer to anonymous is 404 NO_PROVIDER
    When Nobody comes back from a log-in that was not begun
    Then the answer to anonymous is 401 LOGIN_FAILED
    When The browser has no session
    Then the answer to anonymous is 401 NO_SESSION
    When Its cookie is taken back whatever it held
    Then the answer to anonymous is 303 See Other
      | location (header) | is / |
    When A provider that the platform does not list is not called
    Then the answer to asha is 422 PROVIDER_NOT_LISTED
    When Nobody logs others out with a token that is none
    Then the answer to anonymous is 400 invalid_request
