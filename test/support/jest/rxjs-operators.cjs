'use strict';

module.exports = require('rxjs').operators;
